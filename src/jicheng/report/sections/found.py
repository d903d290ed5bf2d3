"""Why each member was found: its needed capabilities, and the texts that show them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names, split
from jicheng.report.tables import Cell, share_cell
from jicheng.report.view import Row
from jicheng.report.wording import bilingual, choice, country, name_of, say

__all__ = [
    "AlsoFound",
    "Found",
    "FoundCapability",
    "FoundMember",
    "FoundText",
    "also_found",
    "engines_of",
    "found_members",
]

_ENGINES = ("words", "meaning", "derived", "stated")


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text: the words of it that say so, and what it is; words stay in their language.

    ``sentence`` is empty where the title says it itself.
    """

    sentence: Text
    title: Text
    facts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class FoundCapability:
    """A needed capability that a member holds; ``untold`` says that no text shows it."""

    name: Text
    answer: str
    level: Cell
    texts: tuple[FoundText, ...]
    untold: Text | None


@dataclass(frozen=True, slots=True)
class FoundMember:
    """A member by its letter and name, with what it holds of what is needed."""

    letter: str
    name: Text
    capabilities: tuple[FoundCapability, ...]


@dataclass(frozen=True, slots=True)
class AlsoFound:
    """An organisation outside the consortium, what its texts show, and the surest of them."""

    name: Text
    says: Text
    text: FoundText


@dataclass(frozen=True, slots=True)
class Found:
    """The members that hold anything, how many texts show it, by what engines, and others."""

    members: tuple[FoundMember, ...]
    n_texts: int
    others: tuple[AlsoFound, ...] = ()
    engines: Text | None = None


def found_members(
    members: Sequence[Row],
    assignment: Sequence[Row],
    coverage: Sequence[Row],
    found: Sequence[Row],
    names: Names,
) -> Found:
    """Return why the members of one consortium were found, in their order.

    Parameters
    ----------
    members, assignment, coverage, found : sequence of row
        Rows of one challenge of the tables of a plan; capabilities come by weight.
    names : Names
        Names of organisations and capabilities.
    """
    weights = {row["capability"]: row["weight"] or 0.0 for row in coverage}
    texts: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(found, key=lambda row: row["rank"]):
        texts.setdefault((row["organisation"], row["capability"]), []).append(row)
    told = []
    for k, member in enumerate(members):
        held = [row for row in assignment if row["organisation"] == member["organisation"]]
        held.sort(key=lambda row: (-weights.get(row["capability"], 0.0), row["capability"]))
        shown = tuple(
            _capability(row, texts.get((row["organisation"], row["capability"]), ()), names)
            for row in held
        )
        if shown:
            name = name_of(member, member["organisation"])
            told.append(FoundMember(ascii_uppercase[k % 26], name, shown))
    n_texts = len({row["text"] for row in found})
    return Found(tuple(told), n_texts, engines=engines_of(found))


def also_found(rows: Sequence[Row], names: Names) -> tuple[AlsoFound, ...]:
    """Return who else was found by texts, in the order of the table."""
    return tuple(
        AlsoFound(
            name_of(row, row["organisation"]),
            say(
                "found.other",
                country=country(row["country"]) if row["country"] else say("found.no_country"),
                shown=say("found.unknown")
                if row["shown"] is None
                else quantities.share(row["shown"]),
                reached=_reached(row),
                n=row["n_texts"] or 0,
                names=names.listed(split(row["capabilities"])),
            ),
            _text({**row, "holder": None}, is_other=True),
        )
        for row in sorted(rows, key=lambda row: row["rank"])
    )


def _reached(row: Row) -> Text:
    """Tell for what share of the needs the levels on record suffice."""
    low, high = row.get("reached_low"), row.get("reached_high")  # not in plans from before
    if low is None or high is None:
        return say("found.unknown")
    return quantities.share(low) if low == high else quantities.share_between(low, high)


def engines_of(rows: Sequence[Row]) -> Text | None:
    """Tell in one sentence who or what says that the texts show it; None without texts."""
    counts = Counter(_engine(row["source"]) for row in rows)
    told = [
        say("found.engine", engine=say(f"found.engine.{name}"), n=counts[name])
        for name in _ENGINES
        if counts[name]
    ]
    if not told:
        return None
    return say(
        "found.engines",
        engines=Text("；".join(one.zh for one in told), "; ".join(one.en for one in told)),
    )


def _engine(source: str | None) -> str:
    """Return by which engine evidence came, from the source that the profile wrote."""
    derived = re.match(r"jicheng\.profile\b(?:\.([\w+]+))?", source or "")
    if derived is None:
        return "stated"
    return {"words": "words", "use": "meaning", "use+e5": "meaning"}.get(
        derived.group(1) or "", "derived"
    )


def _capability(row: Row, texts: Sequence[Row], names: Names) -> FoundCapability:
    untold = None
    if not texts:
        stated = row["evidence"]
        untold = (
            say("found.stated", evidence=bilingual(stated)) if stated else say("found.unstated")
        )
    return FoundCapability(
        name=names[row["capability"]],
        answer=row["meets"] or "open",
        level=share_cell(row["level"], row["level_low"], row["level_high"], missing="cannot_tell"),
        texts=tuple(_text(one) for one in texts),
        untold=untold,
    )


def _text(row: Mapping[str, Any], *, is_other: bool = False) -> FoundText:
    facts = [
        choice("text_kind", row["kind"]),
        _plain(row["period"]) if row["period"] is not None else say("found.no_year"),
        say("found.no_chance")
        if row["score"] is None
        else say("found.chance", share=quantities.share(row["score"])),
    ]
    engine = _engine(row["source"])
    if is_other or engine == "stated":
        facts.append(say(f"found.engine.{engine}"))
    if row["holder"] and row["holder"] != row["organisation"]:
        facts.append(say("found.by", name=_holder(row)))
    if row["number"]:
        facts.append(_plain(row["number"]))
    sentence, title = str(row["sentence"] or ""), str(row["title"] or row["text"] or "")
    if _bare(sentence) == _bare(title):  # a text that is its title says it once
        sentence = ""
    return FoundText(_plain(sentence), _plain(title), tuple(facts))


def _bare(words: str) -> str:
    """Return words without spaces and the full stop at their end."""
    return "".join(words.split()).rstrip("。.")


def _holder(row: Mapping[str, Any]) -> Text:
    own = row["holder_name"] or row["holder"]
    return Text(own, row["holder_name_en"] or own)


def _plain(value: object) -> Text:
    """Return what is the same in both languages; the page marks what is Chinese."""
    return Text(str(value), str(value))
