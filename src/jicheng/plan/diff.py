"""What changed between two plans, and why.

Three kinds of cause are told apart: the data (which rows of which input table),
the settings (which one, from what to what) and the engine. A changed verdict is
told with the figures that moved and with the changed input rows that concern it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.errors import Text
from jicheng.plan.folder import read_table
from jicheng.plan.manifest import read_manifest
from jicheng.schema import choices, plan_tables, zone_tables
from jicheng.zone import Zone

__all__ = ["Change", "PlanDiff", "diff_plans"]

_AXES = (
    "vulnerability",
    "impact_mixed",
    "p_chokepoint",
    "evidence",
    "leader",
    "leader_share",
    "home_share",
)
_ABOUT = {  # input tables whose rows speak of one technology, and in which columns
    "technologies": ("id",),
    "supply": ("technology",),
    "links": ("source", "target"),
    "restrictions": ("technology",),
    "needs": ("technology",),
    "challenges": ("technology",),
}
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what it concerns, before, after, and its causes."""

    subject: str
    what: Text
    before: str
    after: str
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """Differences between two plans, causes first.

    Attributes
    ----------
    causes : tuple of Change
        Settings, engine and input tables that differ.
    effects : tuple of Change
        Verdicts, challenges, consortia, funding, value, titles and points that differ.
    """

    causes: tuple[Change, ...]
    effects: tuple[Change, ...]

    def as_plain(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        return {
            name: [
                {
                    "subject": change.subject,
                    "zh": change.what.zh,
                    "en": change.what.en,
                    "before": change.before,
                    "after": change.after,
                    "causes": list(change.causes),
                }
                for change in changes
            ]
            for name, changes in (("causes", self.causes), ("effects", self.effects))
        }

    def as_text(self) -> str:
        """Return the differences as lines to read."""
        if not self.causes and not self.effects:
            return "两个方案完全相同 / the two plans are equal"
        lines = []
        for title, changes in (("原因 / causes", self.causes), ("结果 / effects", self.effects)):
            lines.append(f"{title}: {len(changes)}")
            for change in changes[:_LISTED]:
                what = f"{change.what.zh} / {change.what.en}"
                lines.append(f"  {change.subject}  {what}: {change.before} → {change.after}")
                lines += [f"      {cause}" for cause in change.causes]
            if len(changes) > _LISTED:
                lines.append(f"  …… 其余见 --json / the rest with --json: {len(changes) - _LISTED}")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Side:
    """One plan as read from its folder."""

    manifest: Mapping[str, Any]
    inputs: Zone
    tables: Mapping[str, pl.DataFrame]

    @classmethod
    def read(cls, path: Path) -> _Side:
        manifest = read_manifest(path)
        files = sorted((path / "tables").glob("*.csv"))
        return cls(
            manifest, Zone.load(path / "inputs"), {file.stem: read_table(file) for file in files}
        )

    def rows(self, table: str, key: str) -> dict[str, dict[str, Any]]:
        """Return the rows of a result table by one column."""
        if table not in self.tables:
            return {}
        return {str(row[key]): row for row in self.tables[table].iter_rows(named=True)}


def diff_plans(plan_a: str | Path, plan_b: str | Path) -> PlanDiff:
    """Compare two plans by their folders.

    Raises
    ------
    InvalidInput
        E604 if a folder holds no plan.
    """
    a, b = _Side.read(Path(plan_a)), _Side.read(Path(plan_b))
    changed = {name: _changed_rows(a, b, name) for name in zone_tables()}
    causes = (*_settings(a, b), *_engine(a, b), *_inputs(changed))
    effects = (
        *_verdicts(a, b, changed),
        *_funding(a, b),
        *_consortia(a, b),
        *_value(a, b),
        *_rules(a, b),
    )
    return PlanDiff(tuple(causes), tuple(effects))


def _settings(a: _Side, b: _Side) -> Iterator[Change]:
    flat = [dict(_flat(side.manifest["settings"])) for side in (a, b)]
    for name in sorted(flat[0].keys() | flat[1].keys()):
        before, after = (side.get(name) for side in flat)
        if before != after:
            yield Change(name, Text("设置", "setting"), _shown(before), _shown(after))


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else str(name))
    else:
        yield prefix, value


def _engine(a: _Side, b: _Side) -> Iterator[Change]:
    versions = [
        {"jicheng": side.manifest["engine"]["version"], **side.manifest["engine"]["packages"]}
        for side in (a, b)
    ]
    for name in sorted(versions[0]):
        before, after = versions[0][name], versions[1].get(name)
        if before != after:
            yield Change(name, Text("版本", "version"), _shown(before), _shown(after))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one input table that only one of the two plans has."""

    before: pl.DataFrame
    after: pl.DataFrame


def _changed_rows(a: _Side, b: _Side, table: str) -> _Rows:
    columns = list(zone_tables()[table].names)
    x, y = a.inputs[table], b.inputs[table]
    return _Rows(
        x.join(y, on=columns, how="anti", nulls_equal=True),
        y.join(x, on=columns, how="anti", nulls_equal=True),
    )


def _inputs(changed: Mapping[str, _Rows]) -> Iterator[Change]:
    for name, rows in changed.items():
        if rows.before.height or rows.after.height:
            before, after = f"{rows.before.height} 行/rows", f"{rows.after.height} 行/rows"
            yield Change(name, Text("输入数据", "input data"), before, after)


def _verdicts(a: _Side, b: _Side, changed: Mapping[str, _Rows]) -> Iterator[Change]:
    before, after = a.rows("chokepoints", "technology"), b.rows("chokepoints", "technology")
    for name in sorted(before.keys() | after.keys()):
        x, y = before.get(name), after.get(name)
        old, new = (row["verdict"] if row else None for row in (x, y))
        if old == new:
            continue
        causes = [*_moved_axes(x, y), *_rows_about(name, changed)]
        what = Text("结论", "verdict")
        yield Change(name, what, _verdict_word(old), _verdict_word(new), tuple(causes))


def _verdict_word(value: str | None) -> str:
    for choice in choices()["verdict"]:
        if choice.value == value:
            return f"{choice.label.zh} {choice.label.en}"
    return "–"


def _moved_axes(x: Mapping[str, Any] | None, y: Mapping[str, Any] | None) -> Iterator[str]:
    if x is None or y is None:
        return
    labels = plan_tables()["chokepoints"]
    for axis in _AXES:
        if x[axis] != y[axis]:
            label = labels[axis].label
            yield f"{label.zh} / {label.en}: {_shown(x[axis])} → {_shown(y[axis])}"


def _rows_about(technology: str, changed: Mapping[str, _Rows]) -> Iterator[str]:
    """Say which changed input rows name the technology."""
    for table, columns in _ABOUT.items():
        concerns = pl.any_horizontal(pl.col(column) == technology for column in columns)
        key = zone_tables()[table].key
        for sign, rows in (("-", changed[table].before), ("+", changed[table].after)):
            for row in rows.filter(concerns).head(5).iter_rows(named=True):
                cells = {k: v for k, v in row.items() if v is not None and k not in key}
                told = ", ".join(f"{k}={_shown(v)}" for k, v in cells.items())
                yield f"{sign} {table}[{', '.join(_shown(row[k]) for k in key)}] {told}"


def _funding(a: _Side, b: _Side) -> Iterator[Change]:
    before, after = a.rows("portfolio", "challenge"), b.rows("portfolio", "challenge")
    what = Text("资助", "funding")
    for name in sorted(before.keys() | after.keys()):
        old, new = (_funded_word(side.get(name)) for side in (before, after))
        if old != new:
            reason = (after.get(name) or before[name])["reason"]
            yield Change(name, what, old, new, (reason,) if reason else ())


def _funded_word(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "不在清单 not listed"
    if not row["is_candidate"]:
        return "不参与 no candidate"
    return "资助 funded" if row["is_funded"] else "未资助 not funded"


def _consortia(a: _Side, b: _Side) -> Iterator[Change]:
    teams = [_teams(side) for side in (a, b)]
    what = Text("联合体成员", "consortium members")
    for name in sorted(teams[0].keys() & teams[1].keys()):
        left, joined = teams[0][name] - teams[1][name], teams[1][name] - teams[0][name]
        if left or joined:
            yield Change(
                name, what, ", ".join(sorted(left)) or "–", ", ".join(sorted(joined)) or "–"
            )


def _teams(side: _Side) -> dict[str, frozenset[str]]:
    if "members" not in side.tables:
        return {}
    grouped = side.tables["members"].group_by("challenge").agg("organisation")
    return {name: frozenset(members) for name, members in grouped.iter_rows()}


def _value(a: _Side, b: _Side) -> Iterator[Change]:
    before, after = a.rows("value", "variant"), b.rows("value", "variant")
    for name in sorted(before.keys() & after.keys()):
        x, y = before[name]["value"], after[name]["value"]
        if x != y:
            yield Change(name, Text("方案价值", "value of the plan"), _shown(x), _shown(y))


_COUNTS = ("n_pass", "n_open", "n_fail", "n_new", "n_at_risk")


def _rules(a: _Side, b: _Side) -> Iterator[Change]:
    """Return changed verdicts by pack, and how many firms have other points."""
    before, after = a.rows("verdicts", "pack"), b.rows("verdicts", "pack")
    for pack in sorted(before.keys() | after.keys()):
        old, new = (_verdicts_of(side.get(pack)) for side in (before, after))
        if old != new:
            yield Change(pack, Text("资质判定", "verdicts of a rule pack"), old, new)
    if "points" in a.tables and "points" in b.tables:
        key = ["organisation", "pack", "low", "high"]
        old_points, new_points = a.tables["points"].select(key), b.tables["points"].select(key)
        n = new_points.join(old_points, on=key, how="anti").height
        if n:
            what = Text("积分有变化的企业数", "firms with other points")
            yield Change("points", what, "–", str(n))


def _verdicts_of(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "未使用 not used"
    table = plan_tables()["verdicts"]
    return ", ".join(f"{table[name].label.zh} {_shown(row[name])}" for name in _COUNTS)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
