"""Prove how good the staffing of a finished plan is, and keep what the proof found.

Every few seconds the pool of columns, the prices and the bound are written aside and
renamed into place, the columns before the record. Columns are only appended, and the
record speaks of none by its place, so that the record before is true of them as well: a
run that is stopped or killed loses a few seconds at most and the next run goes on from
there. The plan itself stays as its tables say.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.shared.stored import Stamp, is_stored, packed, write_files
from jicheng.kernel.columns.certify import Certificate, certify
from jicheng.kernel.columns.exact_rounds import ExactProgress
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.solver import Solver
from jicheng.plan.folder import PlanFolder, read_table
from jicheng.plan.manifest import read_manifest
from jicheng.plan.settings import PlanSettings
from jicheng.plan.solvers import using_solver_of
from jicheng.plan.staffing import CERTIFIED, load_staffing, stamp_of
from jicheng.plan.toml_settings import settings_from

__all__ = ["Proof", "certify_plan"]

_GAP = 1e-7  # at which the staffing counts as proved


@dataclass(frozen=True, slots=True)
class Proof:
    """What a run proved.

    Attributes
    ----------
    value : float
        Points of the plan's staffing, worth included.
    bound_before, bound : float
        No staffing is worth more, as known before and now.
    best : float
        Points of the best staffing known now.
    n_before, n_columns : int
        Columns before and now.
    changed : tuple of str
        Challenges whose consortium is another one in the best staffing.
    seconds : float
        Wall clock.
    """

    value: float
    bound_before: float
    bound: float
    best: float
    n_before: int
    n_columns: int
    changed: tuple[str, ...]
    seconds: float

    @property
    def gap_before(self) -> float:
        """``(bound_before - value) / max(1, value)``."""
        return max(0.0, self.bound_before - self.value) / max(1.0, abs(self.value))

    @property
    def gap(self) -> float:
        """``(bound - best) / max(1, best)``."""
        return max(0.0, self.bound - self.best) / max(1.0, abs(self.best))


def certify_plan(
    plan: str | Path,
    *,
    minutes: float = 10.0,
    executor: Executor | None = None,
    progress: Callable[[Proof], None] | None = None,
    stored_every_s: float = 5.0,
) -> Proof:
    """Tighten the bound of a plan's staffing and store what is found beside it.

    Parameters
    ----------
    plan : path
        Folder of a finished plan; ``pool-certified`` is written into it.
    minutes : float
        Wall clock. How far it gets differs from run to run, what it proves holds.
    executor : Executor, optional
        Where challenges are searched; default a thread for each core.
    progress : callable, optional
        Told whenever something was stored.
    stored_every_s : float
        Seconds between two times that the proof so far is stored.

    Raises
    ------
    InvalidInput
        As :func:`jicheng.plan.staffing.load_staffing`; E612 if another run holds the
        folder, E615 or E616 if the plan's solver is not there.
    """
    path = Path(plan)
    settings = settings_from(read_manifest(path)["settings"], PlanSettings)
    threads = nullcontext(executor) if executor else ThreadPoolExecutor(os.cpu_count())
    with PlanFolder(path).locked(), using_solver_of(settings), Solver() as solver:
        run = _Run(path, settings, progress, stored_every_s)
        before = run.before
        with threads as searchers:
            found = certify(
                before.problem, before.columns, before.prices,
                chosen=np.sort(before.chosen[before.chosen >= 0]), bound=before.bound,
                gap=_GAP, seconds=60.0 * minutes, executor=searchers, solver=solver,
                progress=run.told,
            )  # fmt: skip
        return run.ended(found)


class _Run:
    """What a run knows of the staffing, and stores of it."""

    def __init__(
        self,
        path: Path,
        settings: PlanSettings,
        progress: Callable[[Proof], None] | None,
        stored_every_s: float,
    ) -> None:
        self.started = self.stored = time.monotonic()
        self.before = self.now = load_staffing(path)
        self.best = self.before.chosen
        self.progress, self.stored_every_s = progress, stored_every_s
        self.folder = path / CERTIFIED
        self.stamp = _stamp(path, settings)
        if self.folder.is_dir() and not is_stored(self.folder, self.stamp):
            shutil.rmtree(self.folder)  # of an earlier plan

    def told(self, at: ExactProgress, columns: ColumnPool, prices: Prices) -> None:
        """Store where the proof stands, unless that was done a moment ago."""
        if time.monotonic() - self.stored >= self.stored_every_s:
            self._store(columns, prices, at.bound)

    def ended(self, found: Certificate) -> Proof:
        """Take the plan that was chosen at the end, if it is better, and store the rest."""
        if found.is_feasible and found.value > _worth(found.pool, self.best) + 1e-9:
            self.best = np.full(len(self.best), -1, dtype=np.int64)
            self.best[found.pool.challenge[found.chosen]] = found.chosen
        return self._store(found.pool, found.prices, found.bound)

    def _store(self, columns: ColumnPool, prices: Prices, bound: float) -> Proof:
        value = _worth(columns, self.best)
        self.now = _tightened(self.now, columns, prices, bound, value)
        write_files(self.folder, packed(self.now, self.stamp))
        self.stored = time.monotonic()
        proof = _proof(self.before, self.now, self.best, self.stored - self.started)
        if self.progress is not None:
            self.progress(proof)
        return proof


def _stamp(path: Path, settings: PlanSettings) -> Stamp:
    challenges = read_table(path / "tables" / "challenges.csv")
    return stamp_of(read_manifest(path)["zone"]["input_hash"], settings, challenges)


def _worth(columns: ColumnPool, plan: np.ndarray) -> float:
    """Return the points of a plan given as the column of each challenge, -1 = none."""
    return float(columns.value[plan[plan >= 0]].sum())


def _tightened(
    staffing: Staffing, columns: ColumnPool, prices: Prices, bound: float, value: float
) -> Staffing:
    """Return the staffing with columns appended, and with a bound and its prices if it is lower."""
    sharing = staffing.sharing
    is_lower = bound < sharing.bound
    sharing = replace(
        sharing,
        columns=columns,
        prices=prices if is_lower else sharing.prices,
        # a plan is above the bound by rounding alone
        bound=max(bound if is_lower else sharing.bound, sharing.value, value),
    )
    return replace(staffing, sharing=sharing)


def _proof(before: Staffing, now: Staffing, best: np.ndarray, seconds: float) -> Proof:
    chosen, columns = now.sharing.chosen, now.columns
    changed = [now.challenges[c] for c in np.flatnonzero(best != chosen)]
    return Proof(
        value=before.value,
        bound_before=before.bound,
        bound=now.bound,
        best=_worth(columns, best),
        n_before=len(before.columns),
        n_columns=len(columns),
        changed=tuple(changed),
        seconds=seconds,
    )
