"""One HTML file from a plan: templates filled, scripts and styles put inside.

The file loads nothing: its policy (``Content-Security-Policy``) forbids every address
and every script but the ones whose hashes it names, so that a name from the data
cannot become code even if an escape were forgotten.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from jicheng.errors import Text
from jicheng.report import charts, quantities
from jicheng.report.assets import ASSET_FOLDER, ASSETS, licences, read_asset
from jicheng.report.explanations import pooled
from jicheng.report.names import Names
from jicheng.report.sections import (
    chain,
    challenges,
    exposure,
    firms,
    methods,
    policies,
    portfolio,
    rules,
    summary,
)
from jicheng.report.sections import technologies as technology_section
from jicheng.report.sections.notes import notes
from jicheng.report.tables import STATES
from jicheng.report.view import PlanView
from jicheng.report.wording import choice, say, texts

__all__ = ["render", "write_report"]

_FOLDER = Path(__file__).parent
_SCRIPTS = (
    "language.js",
    "packed.js",
    "chart_functions.js",
    "charts.js",
    "panel.js",
    "chain_map.js",
    "tables.js",
    "page.js",
)
_SCRIPT_TEXTS = (
    "card.explain",
    "filter.shown",
    "packed.failed",
    "interval",
    "panel.no_explanation",
    "panel.none",
    "panel.rows",
    "panel.inputs",
    "panel.used_by",
    "panel.challenges",
    "panel.facts",
    "panel.source.key",
    "panel.source.values",
    "panel.source.source",
    "panel.source.as_of",
    "state.sample",
    *(f"state.{name}.means" for name in STATES),
)
"""Interface texts that scripts write into the page."""

_DRAFTS_NAMED = 2
"""Draft rules that the strip names; more are counted."""

_CARDS_IN_PAGE = 24
"""Cards of challenges that stand in the page itself; further ones are packed."""


def write_report(plan: PlanView, path: str | Path, *, assets: Path = ASSET_FOLDER) -> Path:
    """Write the report of a plan as one self-contained HTML file.

    Parameters
    ----------
    plan : PlanView
        Tables, manifest and explanations of the plan. Absent tables make sections
        that say what is missing.
    path : str or Path
        The file; replaced as a whole if it exists.
    assets : Path
        Folder of the third-party files that ``make assets`` made.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    MissingData
        E801 or E802 if the third-party files are absent or damaged.

    Notes
    -----
    The same plan gives the same bytes: nothing depends on the clock or the machine.
    """
    target = Path(path)
    content = render(plan, assets=assets)
    aside = target.with_name(target.name + ".part")
    aside.write_text(content, "utf-8", newline="\n")
    aside.replace(target)
    return target


def render(plan: PlanView, *, assets: Path = ASSET_FOLDER) -> str:
    """Return the report as text; see `write_report`."""
    names = Names.of(plan)
    records = technology_section.records(plan, names)
    drawn = _charts(plan)
    chains = chain.chain_map(plan, records, names)
    scripts = [*_third_party(assets), *(_read("static", name) for name in _SCRIPTS)]
    found = challenges.cards(plan, names)
    rest = exposure.unprotected(plan, names)
    return (
        _environment()
        .get_template("report.html")
        .render(
            view=plan,
            title=_title(plan),
            identity=methods.identity(plan),
            scenario=methods.scenario(plan),
            short_hash=methods.short_hash(plan),
            is_sample=bool(plan.manifest.get("is_sample")),
            drafts=_drafts(plan),
            figures=summary.figures(plan),
            blocks=summary.summary_blocks(plan, rest, names),
            chains=chains,
            charts=drawn,
            technologies=technology_section.technology_table(plan, names),
            optional_columns=technology_section.OPTIONAL_COLUMNS,
            verdicts=technology_section.VERDICTS,
            cards=found[:_CARDS_IN_PAGE],
            packed_cards=_packed_cards(found[_CARDS_IN_PAGE:]),
            packed_explanations=_packed(_as_json(pooled(plan, names))),
            portfolio=portfolio.portfolio_table(plan, names),
            value_sentences=portfolio.value_sentences(plan),
            value_table=portfolio.value_table(plan),
            parts=portfolio.parts(plan, names),
            unprotected=rest,
            firms=firms.systemic_firms(plan),
            ladder=rules.ladder(plan, names),
            policies=policies.policies(plan),
            notes={
                "chokepoints": notes(plan, "chokepoints"),
                "consortia": notes(plan, "consortia"),
                "portfolio": notes(plan, "portfolio"),
                "exposure": notes(plan, "exposure"),
                "firms": notes(plan, "firms"),
                "rules": notes(plan, "rules"),
            },
            methods=methods,
            overrides=methods.override_table(plan, names),
            scripts=[Markup(text) for text in scripts],  # noqa: S704 - files of ours and of named packages
            styles=Markup(_read("static", "report.css")),  # noqa: S704 - a file of ours
            paper=_paper(plan),
            policy=_policy(scripts),
            data=_as_json(_data(plan, records, chains, drawn)),
            licences=licences(folder=assets),
        )
    )


def _title(plan: PlanView) -> Text:
    zone = plan.manifest.get("zone", {})
    name = Text(str(zone.get("name") or zone.get("id") or ""), str(zone.get("name_en") or ""))
    return say("title", zone=name) if name.zh else say("title.no_zone")


def _drafts(plan: PlanView) -> Text | None:
    """Return the strip that names draft rules; many are counted."""
    drafts = list(plan.manifest.get("draft_rules", ()))
    if not drafts:
        return None
    if len(drafts) > _DRAFTS_NAMED:
        return say("strip.drafts", n=len(drafts))
    return say("strip.draft", names=", ".join(drafts))


def _charts(plan: PlanView) -> dict[str, charts.Chart]:
    made = (
        charts.quadrant(plan),
        charts.purses(plan),
        charts.front(plan),
        charts.years(plan),
        charts.overrun(plan),
        charts.waterfall(plan),
        charts.sensitivity(plan),
        charts.losses(plan),
        charts.exceedance(plan),
        charts.countries(plan),
        charts.points(plan),
    )
    return {chart.id: chart for chart in made}


def _pair(text: Text) -> str | list[str]:
    """Return words as scripts read them: one string, or Chinese and English."""
    return text.zh if text.zh == text.en else [text.zh, text.en]


def _data(
    plan: PlanView,
    records: tuple[technology_section.TechnologyRecord, ...],
    chains: chain.ChainMap,
    drawn: dict[str, charts.Chart],
) -> dict[str, Any]:
    return {
        "plan": {"id": str(plan.manifest.get("plan_id") or ""),
                 "sample": bool(plan.manifest.get("is_sample"))},
        "texts": {key: [texts()[key].zh, texts()[key].en] for key in _SCRIPT_TEXTS},
        "verdicts": {
            verdict: {"word": _pair(choice("verdict", verdict)),
                      "colour": charts.COLOURS[verdict]}
            for verdict in technology_section.VERDICTS
        },
        "charts": {key: chart.options for key, chart in drawn.items() if chart.options},
        "technologies": {record.id: _record(record) for record in records},
        "challenges": {
            row["challenge"]: _pair(chains.names[row["challenge"]])
            for row in plan.rows("challenges")
        },
        "arrows": [[a.source, a.target, a.relation, a.essentiality] for a in chains.arrows],
    }  # fmt: skip


def _record(record: technology_section.TechnologyRecord) -> dict[str, Any]:
    return {
        "name": _pair(record.name),
        "chain": record.chain,
        "chain_name": _pair(record.chain_name),
        "verdict": record.verdict,
        "p": _pair(record.facts[0][1].text) if record.facts else "",
        "facts": [
            [
                _pair(head),
                _pair(cell.text),
                _pair(cell.interval) if cell.interval else "",
                cell.state,
            ]
            for head, cell in record.facts
        ],
        "inputs": record.inputs,
        "used_by": record.used_by,
        "challenges": record.challenges,
    }


def _as_json(data: Any) -> Markup:
    """Return JSON that may stand inside a script element whatever the names hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for raw, safe in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(raw, safe)
    return Markup(text)  # noqa: S704 - every character that could end the element is escaped


def _packed(text: str) -> str:
    """Return text compressed, in base64; the same text gives the same letters."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def _packed_cards(cards: tuple[challenges.Card, ...]) -> str:
    template = _environment().get_template("packed_cards.html")
    return _packed(template.render(cards=cards)) if cards else ""


def _third_party(folder: Path) -> list[str]:
    """Return the scripts of others; a comment that names a map file would ask for it."""
    return [
        "\n".join(
            line
            for line in read_asset(asset, folder=folder).splitlines()
            if not line.startswith("//# sourceMappingURL=")
        )
        for asset in ASSETS
    ]


def _policy(scripts: list[str]) -> str:
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _paper(plan: PlanView) -> Markup:
    """Return the style of the page margins: marks, plan and page number on every sheet."""
    marks = [say("state.sample")] if plan.manifest.get("is_sample") else []
    marks += [say("state.draft")] if plan.manifest.get("draft_rules") else []
    head = "    ".join(f"{mark.zh} / {mark.en}" for mark in marks)
    foot = re.sub(r"[^\w .:+-]", "", f"{plan.manifest.get('plan_id') or ''}  {plan.date}")
    return Markup(  # noqa: S704 - our own words and characters that end nothing
        f'@page {{ @top-left {{ content: "{head}"; font-size: 8pt }} '
        f'@bottom-left {{ content: "{foot}"; font-size: 8pt }} '
        "@bottom-right { content: counter(page); font-size: 8pt } }"
    )


def _read(*path: str) -> str:
    return _FOLDER.joinpath(*path).read_text("utf-8").strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"words": _words, "in_attribute": _in_attribute}
    environment.globals |= {"say": say, "choice": choice, "q": quantities}
    return environment


_CHINESE = re.compile(r"[\u3400-\u9fff](?:[^A-Za-z]*[\u3400-\u9fff])*")


def _words(text: Text) -> Markup:
    """Return words for the page: both languages, of which the style shows one.

    Chinese names inside English words are marked as Chinese.
    """
    if text.zh == text.en or not text.en:
        return _marked(text.zh)
    return Markup(  # noqa: S704 - both parts are escaped
        f'<span class="zh" lang="zh-Hans">{escape(text.zh)}</span>'
        f'<span class="en" lang="en">{_marked(text.en)}</span>'
    )


def _marked(words: str) -> Markup:
    if words.isascii():
        return escape(words)
    marked = ""
    end = 0
    for found in _CHINESE.finditer(words):
        marked += f'{escape(words[end : found.start()])}<span lang="zh-Hans">'
        marked += f"{escape(found[0])}</span>"
        end = found.end()
    return Markup(f"{marked}{escape(words[end:])}")  # noqa: S704 - every part is escaped


def _in_attribute(text: Text, name: str) -> Markup:
    """Return an attribute whose words follow the language."""
    return Markup('{0}="{1}" data-zh-{0}="{1}" data-en-{0}="{2}" data-speaks').format(
        Markup(name),  # noqa: S704 - a name written in a template
        text.zh,
        text.en or text.zh,
    )
