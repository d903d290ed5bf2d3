"""Firms for the commands on rules: from a zone, or from a list in Excel; packs by name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    from jicheng.io.firm_list.reading import FirmRows
    from jicheng.rules.facts.dictionary import Dictionary
    from jicheng.rules.facts.table import FactTable
    from jicheng.rules.pack.model import Pack
    from jicheng.zone import Zone

__all__ = [
    "TITLES", "Firms", "complete_kinds", "complete_option", "firms_options", "open_packs",
    "output_option", "overlay_option", "print_rules_in_use", "read_firms", "refuse_target",
]  # fmt: skip

TITLES = ("cn.tech_sme", "cn.innovative_sme", "cn.srdi_sme", "cn.little_giant", "cn.hte")
_Command = TypeVar("_Command", bound=Callable[..., Any])
_RESULTS = (".xlsx", ".csv")  # what results are written to

overlay_option = click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path),
    help="本地覆盖文件，可多个 / local overlay, may be repeated",
)
output_option = click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="写入文件：.xlsx、.csv / write to a file: .xlsx, .csv",
)


@dataclass(frozen=True)
class Firms:
    """What is known of the firms, and where it comes from.

    ``rows`` are those of a list in Excel, ``zone`` the zone: one of them is None.
    """

    facts: FactTable
    rows: FirmRows | None
    zone: Zone | None

    @property
    def is_sample(self) -> bool:
        """Whether they are made up."""
        return self.zone is not None and self.zone.is_sample

    @property
    def names(self) -> list[str]:
        """Return names to show, ids where there are none."""
        facts = self.facts
        named = facts.subjects if facts.names is None else facts.names
        return [str(name or one) for name, one in zip(named, facts.subjects, strict=True)]

    def word(self, fact: str, value: str | None) -> str:
        """Return what a value of a choice is called, such as 初创期 for ``startup``."""
        known = self.facts.dictionary.get(fact)
        labels = {} if known is None else {one.value: one.label.zh for one in known.choices}
        return labels.get(value or "", value or "")

    def place_of(self, subject: str) -> int:
        """Return the place of a firm that is named by id, credit code or name.

        Raises
        ------
        InvalidInput
            E961 if there is none.
        """
        from jicheng.conform import nearest

        ids = self.facts.subjects.to_list()
        names = [] if self.facts.names is None else self.facts.names.to_list()
        for known in (ids, names):
            if subject in known:
                return known.index(subject)
        near = nearest(subject, [*ids, *(str(name) for name in names)], otherwise=str(ids[0]))
        raise InvalidInput.of("E961", subject=subject, near=near)


complete_option = click.option(
    "--complete",
    multiple=True,
    metavar="资质",
    help="无记录即未持有的资质，或 all / titles whose holders are all listed, or all",
)


def firms_options(command: _Command) -> _Command:
    """Give a command the options that say which year, and which lists are complete."""
    year = click.option("--year", type=int, help="评价年度 / evaluation year")
    return year(complete_option(command))


def refuse_target(path: Path | None, *, replace: bool, endings: Sequence[str] = _RESULTS) -> None:
    """Refuse to write over a file that is there (E606), unless told to, or one of no known kind.

    Raises
    ------
    InvalidInput
        E606, or E953 for an ending that is none of ``endings``; any will do if there are none.
    """
    if path is None:
        return
    if path.exists() and not replace:
        raise InvalidInput.of("E606", path=path)
    if endings and path.suffix.lower() not in endings:
        raise InvalidInput.of("E953", path=path.name, endings=", ".join(endings))


def open_packs(keys: Sequence[str], overlays: Sequence[Path]) -> tuple[Pack, ...]:
    """Return packs by key or file; each overlay goes to the pack that it is for.

    Raises
    ------
    InvalidInput
        E946 for an unknown pack, E944 for an overlay of none of them, and what is wrong in
        the files.
    """
    from jicheng.rules.pack import opening

    return opening.open_packs(keys, overlays)


def print_rules_in_use(packs: Sequence[Pack], year: int) -> None:
    """Print which overlays the packs take, and where a pack is not the one for the year."""
    for pack in packs:
        if pack.overlays:
            zh = "、".join(f"{one.name.zh}（{Path(one.file).name}）" for one in pack.overlays)
            en = ", ".join(f"{one.name.en} ({Path(one.file).name})" for one in pack.overlays)
            click.echo(f"补充文件：{zh} / overlays: {en} ({pack.key})")
        for line in _out_of_force(pack, year):
            click.echo(f"注意 / note: {line}", err=True)


def _out_of_force(pack: Pack, year: int) -> Iterator[str]:
    """Yield that a pack was not in force in a year, and that a newer version is by now."""
    from jicheng.rules.pack.shipped import pack_of, versions_of

    first, last = pack.valid_from, pack.valid_until
    if first is not None and first.year > year:
        yield f"{pack.key} 自 {first} 起施行，{year} 年尚未施行 / not yet in force in {year}"
    if last is not None and last.year < year:
        yield f"{pack.key} 至 {last} 止，{year} 年已失效 / no longer in force in {year}"
    today = datetime.datetime.now(tz=datetime.UTC).date()
    used = _beginning(pack)
    for other in (pack_of(key) for key in versions_of(pack.id) if key != pack.key):
        since = other.valid_from
        if used is not None and since is not None and used < since <= today:
            yield f"新版 {other.key} 自 {since} 起施行 / a newer version is in force since {since}"


def _beginning(pack: Pack) -> datetime.date | None:
    """Return the day from which a pack is in force, or else that of the year it is named by."""
    year = pack.version[:4]
    if pack.valid_from is None and len(year) == 4 and year.isdecimal():
        return datetime.date(int(year), 1, 1)
    return pack.valid_from


def read_firms(
    source: Path, packs: Sequence[Pack], *, year: int | None, complete: Sequence[str]
) -> Firms:
    """Read what is known of the firms in a zone or in a list.

    A list with faults is marked in a copy beside it.

    Raises
    ------
    InvalidInput
        With every fault of the zone or the list.
    """
    from jicheng.io import excel, firm_list

    if not (excel.recognises(source) and firm_list.is_list(source)):
        return _of_zone(source, packs, year, complete)
    try:
        found = firm_list.read(
            source, packs, year if year is not None else firm_list.year_of(source)
        )
    except firm_list.RefusedList as error:
        copy = _free(source.with_name(f"{source.stem}.批注.xlsx"))
        firm_list.mark_faults(source, error, copy)
        click.echo(f"已在副本中标出错误 / faults are marked in a copy: {copy}", err=True)
        raise
    return Firms(found.facts, found.rows, None)


def _free(path: Path) -> Path:
    """Return a name that is not taken yet: the path itself, or with a number."""
    numbered = (path.with_name(f"{path.stem}.{k}{path.suffix}") for k in count(2))
    return next(one for one in chain([path], numbered) if not one.exists())


def _of_zone(
    source: Path, packs: Sequence[Pack], year: int | None, complete: Sequence[str]
) -> Firms:
    from jicheng.io.firm_list import dictionary_for
    from jicheng.rules.facts.from_zone import facts_of
    from jicheng.zone import Zone

    zone = Zone.load(source)
    dictionary = dictionary_for(packs)
    kinds = complete_kinds(complete, dictionary)
    facts = facts_of(zone, year=year, complete_lists=kinds, dictionary=dictionary)
    return Firms(facts, None, zone)


def complete_kinds(complete: Sequence[str], dictionary: Dictionary) -> tuple[str, ...]:
    """Return the kinds of title whose holders are all listed; ``all`` stands for every one.

    Raises
    ------
    InvalidInput
        E954 for a kind that no fact rests on.
    """
    from jicheng.rules.facts import complete as lists

    return lists.complete_kinds(complete, dictionary)
