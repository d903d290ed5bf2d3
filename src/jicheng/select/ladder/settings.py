"""What firms can do to change their facts, what it costs, and in which order the rungs lie.

Actions and rungs are data: ``actions.csv`` and ``rungs.csv`` beside this module are demo
figures, made up to show the reckoning; a zone hands in files of its own.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import TypeAlias

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.rules.expression.syntax import Expression, parse

__all__ = [
    "Action",
    "Change",
    "CostSettings",
    "Effect",
    "Rung",
    "read_actions",
    "read_rungs",
    "shipped_costs",
    "shipped_limits",
    "shipped_rungs",
]


class Effect(StrEnum):
    """What an action does to a fact."""

    ADD = "add"  # to a number, by every unit
    SET = "set"  # a condition to true or false, or a choice to a value


@dataclass(frozen=True, slots=True)
class Change:
    """What an action does to one fact: adds ``amount`` a unit, or sets it to ``value``."""

    fact: str
    effect: Effect
    amount: float = 0.0
    value: str = ""

    @property
    def truth(self) -> bool | None:
        """What a condition is set to; None if ``value`` is a choice."""
        return {"true": True, "false": False}.get(self.value)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a firm can do.

    Attributes
    ----------
    id : str
        Unique.
    name : Text
        What one unit is, in both languages.
    changes : tuple of Change
        What one unit does; what it sets is set by the first unit.
    unit_cost, start_cost : float
        CNY for every unit, and once if it is done at all.
    lead_months, unit_months : float
        Months until it counts, and further months for every unit.
    most : float
        Largest amount.
    is_whole : bool
        Whether amounts are whole numbers; always, if it sets anything.
    status : str
        ``demo`` for made-up figures, else what the zone says of them.
    note : Text
        A remark for readers.
    """

    id: str
    name: Text
    changes: tuple[Change, ...]
    unit_cost: float
    start_cost: float = 0.0
    lead_months: float = 0.0
    unit_months: float = 0.0
    most: float = 1.0
    is_whole: bool = True
    status: str = "demo"
    note: Text = Text("", "")  # noqa: RUF009 - a frozen value

    def cost(self, amount: float) -> float:
        """Return what an amount costs [CNY]."""
        return self.start_cost + self.unit_cost * amount if amount > 0 else 0.0

    def months(self, amount: float) -> float:
        """Return how long an amount takes [months]."""
        return self.lead_months + self.unit_months * amount if amount > 0 else 0.0

    def within(self, months: float | None) -> Action:
        """Return the action with the largest amount that counts within some months."""
        if months is None:
            return self
        spare = months - self.lead_months
        if spare < 0:
            return replace(self, most=0.0)
        if self.unit_months == 0:
            return self
        most = min(self.most, spare / self.unit_months)
        return replace(self, most=math.floor(most + 1e-9) if self.is_whole else most)


@dataclass(frozen=True, slots=True)
class CostSettings:
    """What can be changed, and what is assumed about the rest.

    Attributes
    ----------
    actions : tuple of Action
        Everything that can be done. A fact that none of them changes stays as it is.
    limits : tuple of Expression
        What must not become false by a way, such as that a part stays within its whole.
    longest_months : float or None
        Ways that take longer are left out; None = no limit.
    judged_share : float
        ASSUMPTION: share of the points in experts' hands that a firm is taken to get. 0 = only
        what is certain whatever the experts say.
    file : str
        Where the actions come from.
    """

    actions: tuple[Action, ...]
    limits: tuple[Expression, ...] = ()
    longest_months: float | None = None
    judged_share: float = 0.0
    file: str = ""

    @property
    def is_demo(self) -> bool:
        """Whether any figure is made up."""
        return any(action.status == "demo" for action in self.actions)

    @property
    def usable(self) -> tuple[Action, ...]:
        """Actions of which at least something counts in time."""
        within = (action.within(self.longest_months) for action in self.actions)
        return tuple(action for action in within if action.most > 0)

    @property
    def facts(self) -> frozenset[str]:
        """Facts that some action changes."""
        return frozenset(change.fact for action in self.actions for change in action.changes)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: any of its packs counts."""

    level: int
    name: Text
    packs: tuple[str, ...]


_CHANGE = re.compile(r"^\s*([a-z_][a-z0-9_.]*)\s*(?:([+-])\s*([0-9.eE]+)|=\s*(\w+))\s*$")
_ACTION_COLUMNS = (
    "action", "zh", "en", "changes", "unit_cost", "start_cost", "lead_months", "unit_months",
    "most", "whole", "status", "note_zh", "note",
)  # fmt: skip
_RUNG_COLUMNS = ("rung", "zh", "en", "packs")

Cells: TypeAlias = dict[str, str]


def shipped_costs() -> CostSettings:
    """Return the demo actions that ship."""
    text = resources.files(__package__).joinpath("actions.csv").read_text("utf-8")
    return CostSettings(_actions(text, "actions.csv"), shipped_limits(), file="actions.csv")


def shipped_limits() -> tuple[Expression, ...]:
    """Return the conditions that no way may break: parts stay within their wholes."""
    text = resources.files(__package__).joinpath("limits.csv").read_text("utf-8")
    return tuple(parse(row["limit"]) for row in csv.DictReader(io.StringIO(text)))


def shipped_rungs() -> tuple[Rung, ...]:
    """Return the order of the rungs that ships."""
    return _rungs(
        resources.files(__package__).joinpath("rungs.csv").read_text("utf-8"), "rungs.csv"
    )


def read_actions(path: Path | str, *, facts: Iterable[str] = ()) -> CostSettings:
    """Read a zone's own actions.

    Parameters
    ----------
    path : path
        CSV with the columns of the shipped file; columns with a default may be left out.
    facts : iterable of str, optional
        Facts that exist; names outside it are refused. Default: not checked.

    Raises
    ------
    InvalidInput
        With every fault: E965 for a cell, E966 for a fact that does not exist.
    """
    place = Path(path)
    return CostSettings(
        _actions(place.read_text("utf-8-sig"), str(place), frozenset(facts)),
        shipped_limits(),
        file=str(place),
    )


def read_rungs(path: Path | str) -> tuple[Rung, ...]:
    """Read an order of rungs of one's own: CSV with rung, zh, en, packs (``;`` between).

    Raises
    ------
    InvalidInput
        E965 for a cell.
    """
    place = Path(path)
    return _rungs(place.read_text("utf-8-sig"), str(place))


def _actions(text: str, file: str, facts: frozenset[str] = frozenset()) -> tuple[Action, ...]:
    faults: list[Fault] = []
    lines: dict[str, int] = {}
    actions: list[Action] = []
    for line, cells in _rows(text, file, _ACTION_COLUMNS, {"action", "changes"}, faults):
        place = _Place(file, line, faults)
        action = _action(cells, place)
        if action.id in lines:
            place.refuse("action", action.id, f"{action.id}_2")
        lines[action.id] = line
        actions.append(action)
        if facts:
            faults += _unknown_facts(action, facts, place)
    if faults:
        raise InvalidInput(faults)
    return tuple(actions)


def _rungs(text: str, file: str) -> tuple[Rung, ...]:
    faults: list[Fault] = []
    rungs = []
    for line, cells in _rows(text, file, _RUNG_COLUMNS, {"rung", "packs"}, faults):
        place = _Place(file, line, faults)
        packs = tuple(pack.strip() for pack in cells["packs"].split(";") if pack.strip())
        if not packs:
            place.refuse("packs", cells["packs"], "cn.hte;cn.srdi_sme")
        level = int(place.number(cells, "rung", 0.0))
        rungs.append(Rung(level, Text(cells["zh"], cells["en"]), packs))
    if faults:
        raise InvalidInput(faults)
    return tuple(sorted(rungs, key=lambda rung: rung.level))


@dataclass(frozen=True, slots=True)
class _Place:
    """A line of a file, and where its faults go."""

    file: str
    line: int
    faults: list[Fault]

    def refuse(self, column: str, value: str, example: str) -> None:
        where = Where(table=self.file, row=self.line, column=column)
        self.faults.append(fault("E965", where=where, value=value, example=example))

    def number(self, cells: Cells, column: str, default: float, *, minimum: float = 0.0) -> float:
        written = cells.get(column, "")
        if written == "":
            return default
        try:
            found = float(written)
        except ValueError:
            found = math.nan
        if not (math.isfinite(found) and found >= minimum):
            self.refuse(column, written, f">= {minimum:g}")
            return default
        return found


def _rows(
    text: str, file: str, columns: tuple[str, ...], required: set[str], faults: list[Fault]
) -> Iterator[tuple[int, Cells]]:
    """Yield line and cells of every row; a missing column is a fault, and then no row comes."""
    reader = csv.DictReader(io.StringIO(text))
    found = set(reader.fieldnames or ())
    head = _Place(file, 1, faults)
    for column in sorted(required - found):
        head.refuse(column, "", ",".join(columns))
    for column in sorted(found - set(columns)):
        near = difflib.get_close_matches(column, columns, n=1, cutoff=0.0)
        head.refuse(column, column, ", ".join(near))
    if required - found:
        return
    for row in reader:
        cells = {column: (row.get(column) or "").strip() for column in columns}
        if any(cells.values()):
            yield reader.line_num, cells


def _action(cells: Cells, place: _Place) -> Action:
    changes = tuple(_changes(cells["changes"], place))
    most = place.number(cells, "most", 1.0)
    if cells["whole"] == "false" and any(change.effect is Effect.SET for change in changes):
        place.refuse("whole", cells["whole"], "true")
    if not cells["action"]:
        place.refuse("action", "", "hire_tech_staff")
    if cells["whole"] not in {"", "true", "false"}:
        place.refuse("whole", cells["whole"], "true, false")
    return Action(
        id=cells["action"],
        name=Text(cells["zh"] or cells["action"], cells["en"] or cells["action"]),
        changes=changes,
        unit_cost=place.number(cells, "unit_cost", 0.0),
        start_cost=place.number(cells, "start_cost", 0.0),
        lead_months=place.number(cells, "lead_months", 0.0),
        unit_months=place.number(cells, "unit_months", 0.0),
        most=most,
        is_whole=cells["whole"] != "false",
        status=cells["status"] or "demo",
        note=Text(cells["note_zh"], cells["note"]),
    )


def _changes(written: str, place: _Place) -> Iterator[Change]:
    parts = [part for part in written.split(";") if part.strip()]
    if not parts:
        place.refuse("changes", written, "tech_staff+1;own_brand=true")
    for part in parts:
        match = _CHANGE.match(part)
        amount = _amount(match.group(3)) if match and match.group(3) else None
        if match is None or (match.group(3) and amount is None):
            place.refuse("changes", part, "tech_staff+1;own_brand=true")
            continue
        fact, sign, _, value = match.groups()
        if amount is not None:
            yield Change(fact, Effect.ADD, amount=-amount if sign == "-" else amount)
        else:
            yield Change(fact, Effect.SET, value=value)


def _amount(written: str) -> float | None:
    try:
        found = float(written)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _unknown_facts(action: Action, facts: frozenset[str], place: _Place) -> list[Fault]:
    return [
        fault(
            "E966",
            where=Where(table=place.file, row=place.line, column="changes"),
            fact=name,
            near=", ".join(difflib.get_close_matches(name, sorted(facts), n=3, cutoff=0.3)) or "-",
        )
        for name in sorted({change.fact for change in action.changes} - facts)
    ]
