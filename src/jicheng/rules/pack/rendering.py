"""A pack as a table for people: what it asks, for how many points, and how that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.errors import Text
from jicheng.rules.facts.dictionary import Dictionary, fact_dictionary
from jicheng.rules.pack.model import (
    Additive,
    Band,
    Banded,
    Cases,
    Combine,
    Condition,
    Definition,
    Element,
    Extension,
    Formula,
    Indicator,
    Judged,
    Options,
    Pack,
    Parts,
    Percentile,
    Provenance,
    Rule,
    Side,
)
from jicheng.rules.pack.wording import Wording, figure, join, say
from jicheng.schema import choices

__all__ = ["MARKS", "pack_table", "render"]

MARKS = {
    Provenance.VERIFIED: "✓",
    Provenance.UNVERIFIED: "?",
    Provenance.OURS: "○",
    Provenance.MISSING: "✗",
}
_SIGNS = {Side.AT_LEAST: "≥", Side.ABOVE: ">", Side.AT_MOST: "≤", Side.BELOW: "<"}
_SECTIONS = (
    "definitions", "groups", "gates", "indicators", "conditions", "direct", "missing",
)  # fmt: skip
_NOTHING = Text("", "")


def pack_table(pack: Pack, dictionary: Dictionary | None = None) -> pl.DataFrame:
    """Return one row for every element of a pack.

    Parameters
    ----------
    pack : Pack
        Checked.
    dictionary : Dictionary, optional
        Names of facts; default those that ship.

    Returns
    -------
    polars.DataFrame
        ``section, path, depth, zh, en, rule_zh, rule_en, max, is_bonus, status, numbers, note_zh,
        note_en, file, line``; ``max`` is empty for what gives no points.
    """
    wording = Wording(pack, dictionary or fact_dictionary())
    rows = []
    for element in pack.elements():
        rule = _rule(element, wording)
        note = element.note or _NOTHING
        scored = element if isinstance(element, Indicator) else None
        rows.append(
            {
                "section": element.path.split("/", 1)[0],
                "path": element.path,
                "depth": element.path.count("/") - 1,
                "zh": element.name.zh,
                "en": element.name.en,
                "rule_zh": rule.zh,
                "rule_en": rule.en,
                "max": scored and scored.max,
                "is_bonus": scored and scored.is_bonus,
                "status": element.status.value,
                "numbers": element.numbers.value,
                "note_zh": note.zh,
                "note_en": note.en,
                "file": element.file,
                "line": element.line,
            }
        )
    return pl.DataFrame(rows, schema=_COLUMNS)


_COLUMNS: dict[str, type[pl.DataType]] = {
    "section": pl.String, "path": pl.String, "depth": pl.Int64, "zh": pl.String, "en": pl.String,
    "rule_zh": pl.String, "rule_en": pl.String, "max": pl.Float64, "is_bonus": pl.Boolean,
    "status": pl.String, "numbers": pl.String, "note_zh": pl.String, "note_en": pl.String,
    "file": pl.String, "line": pl.Int64,
}  # fmt: skip


def _rule(element: Element, wording: Wording) -> Text:
    if isinstance(element, Indicator):
        return _points(element, wording)
    if isinstance(element, Condition):
        return _condition(element, wording)
    return _definition(element, wording) if isinstance(element, Definition) else _NOTHING


def _condition(element: Condition, wording: Wording) -> Text:
    if element.when is not None:
        return wording.of(element.when)
    if element.any_of:
        return say("any_of")
    return say("all_of") if element.all_of else say("missing_text")


def _definition(element: Definition, wording: Wording) -> Text:
    if element.choices:
        return join(Text(value, value) for value in element.choices)
    if element.value is not None:
        said = wording.of(element.value)
        value = element.value.root
        amount = getattr(value, "value", None)
        return figure(amount, element.unit) if isinstance(amount, float) else said
    if element.rule is not None:
        return _ladder(element.rule, wording, lambda low, _: figure(low, element.unit))
    return say("missing_text") if element.status is Provenance.MISSING else say("in_words")


def _score(low: float, high: float) -> Text:
    return say(
        "points_one" if low == high else "points_range",
        low=figure(low), high=figure(high),
    )  # fmt: skip


def _points(element: Indicator, wording: Wording) -> Text:
    """Say how points come about."""
    rule: Rule = element.rule
    match rule:
        case Banded() | Cases():
            return _ladder(rule, wording, _score)
        case Judged():
            levels = zip(rule.levels, rule.names, strict=True)
            said = [
                say("band", bound=name, value=_score(low, high)) for (_, low, high), name in levels
            ]
            return say("judged", levels=join(said, "semicolon"))
        case Formula():
            return say("formula", of=wording.of(rule.of))
        case Additive():
            of = join(wording.of(one) for one in rule.of)
            return say("additive", each=figure(rule.each), cap=figure(rule.cap), of=of)
        case Percentile():
            return say("percentile", of=wording.of(rule.of))
        case Parts():
            cap = element.cap
            return say("parts") if cap is None else say("parts_cap", cap=figure(cap))
        case Options():
            return say("choose_one" if rule.combine is Combine.CHOOSE else "largest")
        case Extension():
            by = say(f"filled_{rule.filled_by}")
            key = "extension" if rule.parts else "extension_open"
            points = figure(element.max)
            return say(key, by=by, least=rule.least, most=rule.most, points=points)
        case _:
            return say("missing_points", most=figure(element.max))


def _ladder(rule: Banded | Cases, wording: Wording, value: Callable[[float, float], Text]) -> Text:
    """Say bands or cases: where one lies, and what it gives."""
    if isinstance(rule, Cases):
        said = [
            say(
                "band",
                bound=say("otherwise") if case.when is None else wording.of(case.when),
                value=value(case.low, case.high),
            )
            for case in rule.cases
        ]
        return join(said, "semicolon")
    unit = wording.unit_of(rule.of)
    bands = [
        say("band", bound=_bound(band, unit), value=value(band.low, band.high))
        for band in rule.bands
    ]
    return say("bands", of=wording.of(rule.of), bands=join(bands, "semicolon"))


def _bound(band: Band, unit: str) -> Text:
    if band.side is Side.OTHERWISE:
        return say("otherwise")
    amount = figure(band.bound, unit)
    sign = _SIGNS[band.side]
    return Text(f"{sign} {amount.zh}", f"{sign} {amount.en}")


@dataclass(frozen=True, slots=True)
class _Language:
    """Says texts in Chinese, in English or in both."""

    name: str
    between: str = "<br>"  # of both languages in a cell

    def __call__(self, text: Text, between: str = " / ") -> str:
        if self.name == "both":
            both = dict.fromkeys(part for part in (text.zh, text.en) if part)
            return between.join(both)
        return text.in_language(self.name)

    def cell(self, text: Text) -> str:
        """Return a text for a cell of a table."""
        return self(text, self.between).replace("|", "\\|").replace("\n", " ")


def render(
    pack: Pack,
    language: str = "both",
    dictionary: Dictionary | None = None,
    *,
    between: str = "<br>",
) -> str:
    """Return a pack as a page of Markdown.

    Parameters
    ----------
    pack : Pack
        Checked.
    language : str
        ``zh``, ``en`` or ``both``.
    dictionary : Dictionary, optional
        Names of facts; default those that ship.
    between : str
        What stands between both languages in a cell: a line break of Markdown, or for a
        terminal something like ``" ｜ "``.

    Returns
    -------
    str
        Head, a table for each section, weights and sources; every row with a mark for how it is
        known. Elements that an overlay gave say so.
    """
    tell = _Language(language, between)
    wording = Wording(pack, dictionary or fact_dictionary())
    lines = [f"# {tell(pack.name)}", ""]
    lines += [f"**{tell(text)}**\n" for text in _warnings(pack)]
    lines += _table(
        ["", ""], [[tell.cell(name), value] for name, value in _head(pack, wording, tell)]
    )
    marks = {status.value: mark for status, mark in MARKS.items()}
    lines += [tell(say("legend", **marks)), ""]
    for section in _SECTIONS:
        elements = [one for one in pack.elements() if one.path.startswith(f"{section}/")]
        if elements:
            lines += [f"## {tell(say(f'section_{section}'))}", ""]
            lines += _section(section, elements, pack, wording, tell)
    lines += [*_weights(pack, tell), *_sources(pack, tell)]
    return "\n".join(lines).rstrip() + "\n"


def _warnings(pack: Pack) -> Iterator[Text]:
    if pack.is_draft:
        yield say("draft")
    if pack.has_demo_weights:
        yield say("demo_weights")


def _mark(status: Provenance, numbers: Provenance | None = None) -> str:
    if numbers is None or numbers is status:
        return MARKS[status]
    return f"{MARKS[status]}/{MARKS[numbers]}"


def _head(pack: Pack, wording: Wording, tell: _Language) -> Iterator[tuple[Text, str]]:
    def marked(key: str, value: Text) -> str:
        status = pack.head.get(key, Provenance.MISSING)
        return f"{tell.cell(value)} {MARKS[status]}".strip()

    yield say("key"), pack.key
    yield say("kind"), tell.cell(say(f"kind_{pack.kind}"))
    yield say("subject"), tell.cell(say(f"subject_{pack.subject}"))
    if pack.jurisdiction:
        yield say("jurisdiction"), pack.jurisdiction
    yield say("issuer"), marked("issuer", Text(pack.issuer, pack.issuer))
    yield say("document"), marked("document", Text(pack.document, pack.document))
    yield say("valid"), marked("valid", _valid(pack))
    if pack.grants:
        yield say("grants"), marked("grants", _granted(pack, wording))
    if pack.total:
        key = "points_whole" if pack.is_integer else "points_one"
        total = figure(pack.total)
        yield say("points"), marked("points", say(key, total=total, low=total))
    for overlay in pack.overlays:
        rest = "; ".join(part for part in (overlay.issuer, overlay.document, overlay.file) if part)
        yield say("overlays"), f"{tell.cell(overlay.name)}; {rest}"


def _valid(pack: Pack) -> Text:
    if pack.valid_from is None and pack.valid_until is None:
        return say("valid_unknown")
    start = pack.valid_from.isoformat() if pack.valid_from else say("valid_unknown")
    end = pack.valid_until.isoformat() if pack.valid_until else say("valid_open")
    return say("valid_between", start=start, end=end)


def _granted(pack: Pack, wording: Wording) -> Text:
    origin = f"qualification:{pack.grants}"
    labels = [fact.label for fact in wording.dictionary.values() if fact.origin == origin]
    kind = labels[0] if labels else Text(pack.grants, pack.grants)
    if pack.grant_years is None:
        return kind
    return say("grants_years", kind=kind, years=figure(pack.grant_years))


def _section(
    section: str, elements: Sequence[Element], pack: Pack, wording: Wording, tell: _Language
) -> list[str]:
    is_scored = section == "indicators"
    has_rules = section not in ("groups", "missing")
    groups = {group.id: group.name for group in pack.groups}
    keys = ["path", "name", *(["group"] if is_scored else []), *(["rule"] if has_rules else [])]
    keys += [*(["max"] if is_scored else []), "status", "note"]
    rows = []
    for element in elements:
        cells = {
            "path": f"`{element.path.split('/', 1)[1]}`",
            "name": "　" * (element.path.count("/") - 1) + tell.cell(element.name),
            "rule": tell.cell(_rule(element, wording)),
            "status": _mark(element.status, element.numbers),
            "note": tell.cell(_note(element, pack)),
        }
        if isinstance(element, Indicator):
            cells["group"] = tell.cell(groups.get(element.group, _NOTHING))
            bonus = f" {tell(say('bonus'))}" if element.is_bonus else ""
            cells["max"] = f"{figure(element.max).en}{bonus}"
        rows.append([cells[key] for key in keys])
    return _table([tell.cell(say(f"heading_{key}")) for key in keys], rows)


def _note(element: Element, pack: Pack) -> Text:
    """Return the note of an element, and from which overlay it comes."""
    notes = [element.note] if element.note is not None else []
    names: Mapping[str, Text] = {overlay.file: overlay.name for overlay in pack.overlays}
    if element.file in names:
        notes.append(say("from_overlay", name=names[element.file]))
    return join(notes, "semicolon")


def _weights(pack: Pack, tell: _Language) -> list[str]:
    if pack.weights is None or not pack.weights.by_stage:
        return []
    stages = list(pack.weights.by_stage)
    labels = {choice.value: tell.cell(choice.label) for choice in choices().get("firm_stage", ())}
    heading = [tell.cell(say("heading_name")), *(labels.get(stage, stage) for stage in stages)]
    rows = []
    for one in pack.indicators:
        if any(one.id in weights for weights in pack.weights.by_stage.values()):
            cells = [pack.weights.by_stage[stage].get(one.id) for stage in stages]
            rows.append([tell.cell(one.name), *("" if x is None else figure(x).en for x in cells)])
    mark = MARKS[pack.weights.status]
    return [f"## {tell(say('section_weights'))} {mark}", "", *_table(heading, rows)]


def _sources(pack: Pack, tell: _Language) -> list[str]:
    if not pack.sources:
        return []
    heading = [tell.cell(say(f"heading_{key}")) for key in ("title", "url", "supports")]
    rows = [
        [one.replace("|", "\\|") for one in (source.title, source.url, source.supports)]
        for source in pack.sources
    ]
    return [f"## {tell(say('section_sources'))}", "", *_table(heading, rows)]


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heading, ["---"] * len(heading), *rows]
    return [*("| " + " | ".join(line) + " |" for line in lines), ""]
