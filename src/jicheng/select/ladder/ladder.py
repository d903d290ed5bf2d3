"""The growth ladder of all firms: where each stands, what is missing, who is near the next rung."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import Fault, Text
from jicheng.kernel.solver import Solver
from jicheng.rules.expression.intervals import Flags
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Condition, Pack
from jicheng.rules.score.evaluate import PASS, VERDICTS, Evaluation, evaluate
from jicheng.select.ladder.near import Nearest, nearest
from jicheng.select.ladder.settings import CostSettings, Rung, shipped_rungs
from jicheng.select.ladder.standing import decisive

__all__ = ["LadderResult", "ladder"]

_NOWHERE = 0


@dataclass(frozen=True, eq=False)
class LadderResult:
    """Where firms stand, and what would move those that are near.

    Attributes
    ----------
    rungs : polars.DataFrame
        One row for every firm and pack: ``subject, name, level, pack, verdict, score_low,
        score_high, fails, opens`` (paths of gates and pass conditions that certainly fail, and
        that are open), ``least_cost`` [CNY] (no way costs less; null = no actions pass),
        ``stands`` (highest level with a certain pass, 0 = none), ``is_next``.
    near : polars.DataFrame
        One row for every near-miss, the nearest first: ``pack, rank, subject, name, level,
        verdict, is_next, cost, bound, status, months, n_steps, what_zh, what_en, needed,
        in_question, share`` (points that experts must give, of how many, and the share of such
        points that was assumed in choosing the way) and ``is_draft``.
    ways : polars.DataFrame
        One row for every step: ``pack, subject, action, zh, en, amount, cost, months``.
    movers : polars.DataFrame
        What would move the near-misses, by pack and action: ``pack, action, zh, en, firms,
        amount, cost``.
    lacks : polars.DataFrame
        What firms lack, by pack and element: ``pack, path, zh, en, fails, opens``.
    groups : polars.DataFrame
        The same by groups of firms (size, field, stage ...): ``pack, column, value, firms,
        passes, reachable`` (do not pass, and some way may), ``least_cost`` (median bound of
        those [CNY]).
    by_pack : mapping of str to Nearest
        Everything behind the tables.
    costs : CostSettings
        What was assumed.
    warnings : tuple of Fault
        What a reader must know.
    """

    rungs: pl.DataFrame
    near: pl.DataFrame
    ways: pl.DataFrame
    movers: pl.DataFrame
    lacks: pl.DataFrame
    groups: pl.DataFrame
    by_pack: Mapping[str, Nearest]
    costs: CostSettings
    warnings: tuple[Fault, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every list of near-misses is proved to hold the nearest."""
        return all(each.is_complete for each in self.by_pack.values())


def ladder(
    facts: FactTable,
    packs: Sequence[Pack],
    costs: CostSettings,
    *,
    rungs: Sequence[Rung] | None = None,
    count: int = 20,
    most_solved: int = 400,
    only_next: bool = False,
    evaluations: Mapping[str, Evaluation] | None = None,
    solver: Solver | None = None,
) -> LadderResult:
    """Return where all firms stand on the ladder.

    Parameters
    ----------
    facts : FactTable
        Of n firms.
    packs : sequence of Pack
        Those of the rungs; a pack that no rung names stands above all rungs.
    costs : CostSettings
        What can be done, and what is assumed of experts.
    rungs : sequence of Rung, optional
        Their order; default: that which ships.
    count : int
        Near-misses of each pack.
    most_solved : int
        Firms of each pack to solve exactly at most.
    only_next : bool
        Whether only firms for which the pack is on the next rung are near-misses.
    evaluations : mapping of str to Evaluation, optional
        Of these packs on these facts by key, if they exist already.
    solver : Solver, optional
        A worker to use again.
    """
    if solver is None:
        with Solver() as own:
            return ladder(
                facts, packs, costs, rungs=rungs, count=count, most_solved=most_solved,
                only_next=only_next, evaluations=evaluations, solver=own,
            )  # fmt: skip
    known = evaluations or {}
    told = [known.get(pack.key) or evaluate(pack, facts) for pack in packs]
    levels = _levels(packs, shipped_rungs() if rungs is None else rungs)
    stands = _stands(told, levels, facts.n)
    is_next = _next(stands, levels)
    by_pack = {
        each.pack.key: nearest(
            each, costs, solver, count=count, most_solved=most_solved,
            among=is_next[each.pack.key] if only_next else None,
        )
        for each in told
    }  # fmt: skip
    found = list(by_pack.values())
    view = _View(facts, levels, stands, is_next)
    return LadderResult(
        rungs=_joined(view.rungs, found),
        near=_joined(view.near, found),
        ways=_joined(view.ways, found),
        movers=_joined(view.movers, found),
        lacks=_joined(_lacks, found),
        groups=_joined(view.groups, found),
        by_pack=by_pack,
        costs=costs,
        warnings=tuple(dict.fromkeys(w for each in found for w in each.warnings)),
    )


def _joined(table: Callable[[Nearest], pl.DataFrame], found: Sequence[Nearest]) -> pl.DataFrame:
    """Return a table of all packs."""
    return pl.concat([table(each) for each in found]) if found else pl.DataFrame()


def _levels(packs: Sequence[Pack], rungs: Sequence[Rung]) -> dict[str, int]:
    """Return the level of every pack."""
    by_id = {name: rung.level for rung in rungs for name in rung.packs}
    above = max(by_id.values(), default=0) + 1
    return {pack.key: by_id.get(pack.key, by_id.get(pack.id, above)) for pack in packs}


def _stands(told: Sequence[Evaluation], levels: Mapping[str, int], n: int) -> np.ndarray:
    """Return the highest level with a certain pass, 0 = none, shape (n,)."""
    stands = np.full(n, _NOWHERE)
    for each in told:
        stands = np.where(each.verdicts == PASS, np.maximum(stands, levels[each.pack.key]), stands)
    return stands


def _next(stands: np.ndarray, levels: Mapping[str, int]) -> dict[str, Flags]:
    """Return for which firms a pack is on the next rung."""
    rising = np.array(sorted(set(levels.values())) or [1])
    following = np.append(rising, -1)[np.searchsorted(rising, stands, side="right")]
    return {key: following == level for key, level in levels.items()}


@dataclass(frozen=True, eq=False)
class _View:
    """Makes tables of what was found."""

    facts: FactTable
    levels: Mapping[str, int]
    stands: np.ndarray
    is_next: Mapping[str, Flags]

    def rungs(self, found: Nearest) -> pl.DataFrame:
        """Return one row for every firm."""
        told, key = found.evaluation, found.pack.key
        n, score = self.facts.n, found.evaluation.score
        none = pl.Series([None] * n, dtype=pl.Float64)
        frame = pl.DataFrame({
            "subject": self.facts.subjects,
            "name": self._names(),
            "level": np.full(n, self.levels[key]),
            "verdict": pl.Series(VERDICTS).gather(told.verdicts.astype(np.int64)),
            "score_low": none if score is None else np.asarray(score.low),
            "score_high": none if score is None else np.asarray(score.high),
            "fails": _listed({path: ~t.possibly for path, t in decisive(told).items()}, n),
            "opens": _listed({path: t.is_open for path, t in decisive(told).items()}, n),
            "least_cost": found.least_cost,
            "stands": self.stands,
            "is_next": self.is_next[key],
        })  # fmt: skip
        cost = pl.when(pl.col("least_cost").is_finite()).then(pl.col("least_cost"))
        return frame.with_columns(cost.alias("least_cost")).insert_column(
            3, pl.lit(key).alias("pack")
        )  # fmt: skip

    def near(self, found: Nearest) -> pl.DataFrame:
        """Return one row for every near-miss."""
        key, told = found.pack.key, found.evaluation
        names = self._names()
        rows = [
            (key, rank, str(self.facts.subjects[each.place]), names[each.place],
             self.levels[key], VERDICTS[told.verdicts[each.place]],
             bool(self.is_next[key][each.place]), each.found.cost, each.found.bound,
             str(each.found.status), each.months, len(each.steps),
             "；".join(step.text.zh for step in each.steps),
             "; ".join(step.text.en for step in each.steps),
             each.experts.needed, each.experts.most, found.share, found.pack.is_draft)
            for rank, each in enumerate(found.near, start=1)
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=_NEAR, orient="row")

    def ways(self, found: Nearest) -> pl.DataFrame:
        """Return one row for every step of every near-miss."""
        rows = [
            (found.pack.key, str(self.facts.subjects[each.place]), step.action.id,
             step.action.name.zh, step.action.name.en, step.amount, step.cost, step.months)
            for each in found.near
            for step in each.steps
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=_WAYS, orient="row")

    def movers(self, found: Nearest) -> pl.DataFrame:
        """Return what would move the near-misses, the most helpful first."""
        grouped = self.ways(found).group_by("pack", "action", "zh", "en", maintain_order=True)
        return grouped.agg(
            pl.len().cast(pl.Int64).alias("firms"), pl.col("amount").sum(), pl.col("cost").sum()
        ).sort("firms", "action", descending=[True, False])

    def groups(self, found: Nearest) -> pl.DataFrame:
        """Return how far the firms of each group are."""
        reachable = np.isfinite(found.least_cost) & ~found.passes
        frame = pl.DataFrame({"passes": found.passes, "reachable": reachable}).with_columns(
            pl.Series("least_cost", np.where(reachable, found.least_cost, np.nan)).fill_nan(None)
        )
        tables = []
        for column in self.facts.groups.columns:
            values = self.facts.groups[column].cast(pl.String).alias("value")
            grouped = frame.with_columns(values).group_by("value")
            tables.append(
                grouped.agg(
                    pl.len().cast(pl.Int64).alias("firms"),
                    pl.col("passes", "reachable").sum().cast(pl.Int64),
                    pl.col("least_cost").median(),
                )
                .sort("value", nulls_last=True)
                .select(
                    pl.lit(found.pack.key).alias("pack"), pl.lit(column).alias("column"),
                    "value", "firms", "passes", "reachable", "least_cost",
                )
            )  # fmt: skip
        return pl.concat(tables) if tables else pl.DataFrame(schema=_GROUPS)

    def _names(self) -> pl.Series:
        if self.facts.names is not None:
            return self.facts.names
        return pl.Series([None] * self.facts.n, dtype=pl.String)


_NEAR = {
    "pack": pl.String, "rank": pl.Int64, "subject": pl.String, "name": pl.String,
    "level": pl.Int64, "verdict": pl.String, "is_next": pl.Boolean, "cost": pl.Float64,
    "bound": pl.Float64, "status": pl.String, "months": pl.Float64, "n_steps": pl.Int64,
    "what_zh": pl.String, "what_en": pl.String, "needed": pl.Float64,
    "in_question": pl.Float64, "share": pl.Float64, "is_draft": pl.Boolean,
}  # fmt: skip
_WAYS = {
    "pack": pl.String, "subject": pl.String, "action": pl.String, "zh": pl.String,
    "en": pl.String, "amount": pl.Float64, "cost": pl.Float64, "months": pl.Float64,
}  # fmt: skip
_GROUPS = {
    "pack": pl.String, "column": pl.String, "value": pl.String, "firms": pl.Int64,
    "passes": pl.Int64, "reachable": pl.Int64, "least_cost": pl.Float64,
}  # fmt: skip
_LACKS = {
    "pack": pl.String, "path": pl.String, "zh": pl.String, "en": pl.String, "fails": pl.Int64,
    "opens": pl.Int64,
}  # fmt: skip


def _listed(flags: Mapping[str, Flags], n: int) -> pl.Series:
    """Return for every firm the paths that are flagged, shape (n,)."""
    if not flags:
        return pl.Series([[]] * n, dtype=pl.List(pl.String))
    frame = pl.DataFrame({path: np.asarray(each) for path, each in flags.items()})
    told = [pl.when(pl.col(path)).then(pl.lit(path)) for path in flags]
    return frame.select(pl.concat_list(told).list.drop_nulls().alias("found")).to_series()


def _lacks(found: Nearest) -> pl.DataFrame:
    """Return how many firms fail each gate and pass condition."""
    names = _names(found.pack)
    rows = [
        (found.pack.key, path, names[path].zh, names[path].en, int((~truth.possibly).sum()),
         int(truth.is_open.sum()))
        for path, truth in decisive(found.evaluation).items()
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=_LACKS, orient="row")
    return frame.sort("fails", "path", descending=[True, False])


def _names(pack: Pack) -> dict[str, Text]:
    named = {each.path: each.name for each in pack.elements() if isinstance(each, Condition)}
    return {"direct": Text("直接认定条件", "Direct conditions"), **named}
