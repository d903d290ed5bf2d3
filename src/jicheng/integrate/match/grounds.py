"""What a criterion rests on, in words: capabilities, evidence, ties, projects, distance."""

from __future__ import annotations

import numpy as np
import polars as pl

from jicheng.errors import Text
from jicheng.integrate.match.facts import centre_of
from jicheng.integrate.match.matcher import Found, Matcher
from jicheng.integrate.roster import great_circle_km
from jicheng.schema import choices

__all__ = [
    "capability_grounds",
    "evidence_grounds",
    "kin_grounds",
    "other_grounds",
    "shared_capabilities",
    "tie_grounds",
]

_NAMED = 5  # rows of a kind that are told one by one
_TEXTS_OF_TIE = 3  # texts of one tie that are named


def shared_capabilities(matcher: Matcher, found: Found, place: int) -> pl.DataFrame:
    """Return each needed capability with what a candidate holds of it.

    Returns
    -------
    polars.DataFrame
        ``capability``, ``name``, ``name_en``, ``needed``, ``weight``, ``low``, ``high``
        (null = not on record), ``verdict`` (yes, open, no).
    """
    rows = []
    for row in found.query.needs.iter_rows(named=True):
        held, low, high = matcher.levels.of_capability(row["capability"])
        at = np.flatnonzero(held == place)
        sure, may = matcher.levels.reached(row["capability"], row["level"])
        verdict = "yes" if sure[place] else "open" if may[place] else "no"
        rows.append({
            "capability": row["capability"], "needed": row["level"], "weight": row["weight"],
            "low": float(low[at[0]]) if len(at) else None,
            "high": float(high[at[0]]) if len(at) else None,
            "verdict": verdict,
        })  # fmt: skip
    schema = {"capability": pl.String, "needed": pl.Float64, "weight": pl.Float64,
              "low": pl.Float64, "high": pl.Float64, "verdict": pl.String}  # fmt: skip
    names = matcher.zone["capabilities"].select(capability="id", name="name", name_en="name_en")
    return pl.DataFrame(rows, schema=schema).join(
        names, on="capability", how="left", maintain_order="left"
    )


def capability_grounds(matcher: Matcher, found: Found, place: int) -> dict[str, tuple[Text, ...]]:
    """Tell which needed capabilities a candidate holds, may hold, does not hold, and its kin."""
    told = []
    verdicts = {
        "yes": Text("已达到", "reached"), "open": Text("待定", "open"),
        "no": Text("未达到", "not reached"),
    }  # fmt: skip
    for row in shared_capabilities(matcher, found, place).iter_rows(named=True):
        zh = row["name"] or row["capability"]
        held = Text("没有记录", "not on record")
        if row["low"] is not None:
            ends = f"{row['low']:.2f}" if row["low"] == row["high"] else (
                f"{row['low']:.2f}–{row['high']:.2f}")  # fmt: skip
            held = Text(f"水平 {ends}", f"level {ends}")
        said = verdicts[row["verdict"]]
        level = f"{row['needed']:.2f}"
        asked = Text(level, level) if row["needed"] > 0.0 else Text("不限", "any")
        told.append(
            Text(
                f"{said.zh}：{zh}（权重 {row['weight']:.2f}，需要 {asked.zh}，{held.zh}）",
                f"{said.en}: {row['name_en'] or zh} (weight {row['weight']:.2f}, needed "
                f"{asked.en}, {held.en})",
            )
        )
    nothing = Text(
        "所需能力没有上位、下位或同级能力在记录中",
        "No broader, narrower or sibling one is on record",
    )
    related = kin_grounds(matcher, found, place) or (nothing,)
    return {"coverage": tuple(told), "related": related}


def kin_grounds(matcher: Matcher, found: Found, place: int) -> tuple[Text, ...]:
    """Tell which broader, narrower and sibling capabilities a candidate holds; empty = none."""
    needed = found.query.needs["capability"].to_list()
    kin = matcher.taxonomy.kin_of(needed, matcher.settings)
    names = _names_of_capabilities(matcher)
    helps: dict[tuple[str, float], list[str]] = {}  # needs that a held one counts for
    for name in needed:
        for other, counts in sorted(kin[name].items(), key=lambda one: (-one[1], one[0])):
            held, _, high = matcher.levels.of_capability(other)
            at = np.flatnonzero(held == place)
            if other != name and len(at) and high[at[0]] > 0.0:
                helps.setdefault((other, counts), []).append(name)
    told = []
    for (other, counts), wanted in helps.items():
        mine = names.get(other, (other, other))
        its = [names.get(name, (name, name)) for name in wanted]
        told.append(
            Text(
                f"持有“{mine[0]}”，对{'、'.join(f'“{zh}”' for zh, _ in its)}按 {counts:g} 计",
                f"holds “{mine[1]}”, which counts {counts:g} for "
                f"{', '.join(f'“{en}”' for _, en in its)}",
            )
        )
    return _cut(told)


def _names_of_capabilities(matcher: Matcher) -> dict[str, tuple[str, str]]:
    return {
        row["id"]: (row["name"] or row["id"], row["name_en"] or row["name"] or row["id"])
        for row in matcher.zone["capabilities"].iter_rows(named=True)
    }


def _cut(told: list[Text]) -> tuple[Text, ...]:
    rest = len(told) - _NAMED
    if rest <= 0:
        return tuple(told)
    return (*told[:_NAMED], Text(f"……另有 {rest} 条", f"... and {rest} more"))


def evidence_grounds(matcher: Matcher, found: Found, place: int) -> tuple[Text, ...]:
    """Quote the evidence for the needed capabilities."""
    rows = matcher.evidence.of_candidate(place, found.query.needs)
    names = _names_of_capabilities(matcher)
    told = []
    for row in rows.iter_rows(named=True):
        chance = "?" if row["score"] is None else f"{row['score']:.2f}"
        year = row["period"] or "?"
        title = row["title"] or row["text"]
        said = row["sentence"] or title
        text, quoted = row["text"], "" if said == title else f"“{said}”"
        zh, en = names.get(row["capability"], (row["capability"],) * 2)
        told.append(
            Text(
                f"{zh}：《{title}》（{text}，{year}，把握 {chance}）{quoted and '：' + quoted}",
                f"{en}: “{title}” ({text}, {year}, chance {chance}){quoted and ': ' + quoted}",
            )
        )
    nothing = Text("所需能力没有证据", "There is no evidence for the needed capabilities")
    return _cut(told) or (nothing,)


def tie_grounds(matcher: Matcher, found: Found, place: int) -> tuple[Text, ...]:
    """Name the ties with other strong candidates."""
    seeds = np.flatnonzero(found.seeds > 0.0)
    rows = matcher.ties.between(place, seeds[seeds != place])
    kinds = {one.value: one.label for one in choices()["tie_kind"]}
    counted = rows.filter(pl.col("kind").is_in(list(matcher.settings.tie_kinds)))
    texts: dict[tuple[int, str], list[str]] = {}  # the table and each text may tell one tie
    for row in counted.iter_rows(named=True):
        other = row["b"] if row["a"] == place else row["a"]
        seen = texts.setdefault((other, row["kind"]), [])
        seen += [] if row["text"] is None or row["text"] in seen else [row["text"]]
    told = []
    for (other, kind_of_tie), seen in texts.items():
        name, kind = matcher.parties.named(other), kinds[kind_of_tie]
        id_, rest = matcher.parties.ids[other], len(seen) - _TEXTS_OF_TIE
        which = "".join(f" {text}" for text in seen[:_TEXTS_OF_TIE])
        more = (f" 等 {len(seen)} 篇", f" and {rest} more") if rest > 0 else ("", "")
        told.append(
            Text(
                f"与{name.zh}（{id_}）：{kind.zh}{which}{more[0]}",
                f"with {name.en} ({id_}): {kind.en}{which}{more[1]}",
            )
        )
    nothing = Text("与其他强候选者没有直接联系", "No direct tie with another strong candidate")
    return _cut(told) or (nothing,)


def other_grounds(matcher: Matcher, found: Found, place: int) -> dict[str, tuple[Text, ...]]:
    """Tell projects, distance and free capacity."""
    mine = matcher.projects.filter(pl.col("place") == place)
    projects = [
        Text(
            f"《{row['title']}》（{row['text']}，{row['period'] or '?'}）",
            f"“{row['title']}” ({row['text']}, {row['period'] or '?'})",
        )
        for row in mine.iter_rows(named=True)
    ]
    none = Text(
        "记录中没有项目或奖项；合作项目见合作联系",
        "No project or award on record; joint projects are ties",
    )
    centre = centre_of(matcher.parties, found.query.place_of)
    km = float(great_circle_km(matcher.parties.degrees[place], centre))
    free = matcher.parties.free[place]
    return {
        "experience": _cut(projects) or (none,),
        "nearness": (Text(f"{km:.0f} 公里", f"{km:.0f} km"),),
        "asks": _asked(matcher, place),
        "capacity": (Text(f"还能承担 {free:.0f} 个项目", f"can take on {free:.0f} more"),),
    }


def _asked(matcher: Matcher, place: int) -> tuple[Text, ...]:
    mine = matcher.zone["challenges"].filter(pl.col("owner") == matcher.parties.ids[place])
    return tuple(
        Text(
            f"发布：{row['name']}（{row['id']}）",
            f"puts out: {row['name_en'] or row['name']} ({row['id']})",
        )
        for row in mine.iter_rows(named=True)
    )
