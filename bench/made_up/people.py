"""Records of made-up people as authors and on rosters, and which belong together.

Namesakes are planted on purpose: few family names, given names from few characters, so
that several people of one institute may bear one name. Papers give the name in Chinese, in
pinyin in either order, or with initials; a person writes with few others again and again.
One seed gives the same rows. Nobody is meant.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import polars as pl
from pypinyin import lazy_pinyin

from bench.made_up.identities import GIVEN, SURNAME

__all__ = ["people"]

FIELDS = ("半导体", "光学", "生物医药", "新材料", "人工智能", "海洋工程", "储能", "先进制造")


@dataclass(slots=True)
class _Person:
    number: int
    name: str
    organisation: str
    field: str
    orcid: str
    email: str
    circle: list[int] = field(default_factory=list)


def people(count: int, *, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make up records of about ``count`` people.

    Returns
    -------
    records : polars.DataFrame
        The columns that ``resolve_people`` reads, and ``entity``: the truth.
    texts : polars.DataFrame
        ``text, party``: who wrote which.
    """
    dice = random.Random(seed)  # noqa: S311 - no secrets
    found = _people(count, dice)
    rows = [_row(person, "roster", person.name, dice) for person in found]
    texts: list[tuple[str, str]] = []
    for number in range(2 * count):
        first = dice.choice(found)
        others = dice.sample(first.circle, min(2, len(first.circle)))
        style = dice.choices(("zh", "given", "family", "initials"), (50, 20, 20, 10))[0]
        for author in (first, *(found[k] for k in others)):
            texts.append((f"t{number:06d}", f"p{len(rows):07d}"))
            rows.append(_row(author, "papers", _written(author.name, style), dice))
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row").with_row_index("n")
    frame = frame.select(
        pl.format("p{}", pl.col("n").cast(pl.String).str.zfill(7)).alias("id"),
        pl.all().exclude("n"),
    )
    written = pl.DataFrame(texts, schema={"text": pl.String, "party": pl.String}, orient="row")
    return frame.sample(fraction=1, shuffle=True, seed=seed), written


_SCHEMA = {
    "entity": pl.Int64, "source": pl.String, "name": pl.String, "organisation": pl.String,
    "field": pl.String, "orcid": pl.String, "email": pl.String,
}  # fmt: skip


def _people(count: int, dice: random.Random) -> list[_Person]:
    institutes = max(2, count // 40)
    found = []
    for number in range(count):
        family = dice.choices(SURNAME, [1 / (2 + k) for k in range(len(SURNAME))])[0]
        given = "".join(dice.choices(GIVEN[:24], k=1 + (dice.random() < 0.7)))
        found.append(
            _Person(
                number, family + given, f"o{dice.randrange(institutes):04d}",
                dice.choice(FIELDS), _orcid(number), f"u{number}@example.org",
            )
        )  # fmt: skip
    places: dict[str, list[_Person]] = {}
    for person in found:
        places.setdefault(person.organisation, []).append(person)
    for person in found:
        near = [one for one in places[person.organisation] if one.field == person.field]
        near += dice.sample(places[person.organisation], min(3, len(places[person.organisation])))
        circle = {one.number for one in near if one.name != person.name}
        person.circle = sorted(dice.sample(sorted(circle), min(4, len(circle))))
    return found


def _row(person: _Person, source: str, name: str, dice: random.Random) -> tuple[object, ...]:
    def kept(share: float, value: str) -> str | None:
        return value if dice.random() < share else None

    is_roster = source == "roster"
    return (
        person.number, source, name, kept(1 if is_roster else 0.85, person.organisation),
        kept(0.9 if is_roster else 0.6, person.field), kept(0.2, person.orcid),
        kept(0.5 if is_roster else 0.15, person.email),
    )  # fmt: skip


def _written(name: str, style: str) -> str:
    if style == "zh":
        return name
    family, *given = lazy_pinyin(name)
    first = "".join(given).capitalize()
    family = family.capitalize()
    if style == "given":
        return f"{first} {family}"
    if style == "family":
        return f"{family}, {first}"
    return f"{family} {'.'.join(one[0].upper() for one in given)}."


def _orcid(number: int) -> str:
    """Return an ORCID iD with its check digit (ISO 7064, MOD 11-2)."""
    digits = f"{number + 100_000_000:015d}"
    total = 0
    for one in digits:
        total = (total + int(one)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[k : k + 4] for k in range(0, 16, 4))
