"""Prove how good the staffing of a finished plan is, and keep what the proof found.

The proof runs in slices of time. After each the pool of columns, the prices and the bound
are put into place whole, so that a run that is stopped or killed loses one slice at most
and the next run goes on from there. The plan itself stays as its tables say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from jicheng.integrate.shared.sharing import Own
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.shared.stored import packed
from jicheng.io.atomic import replaced_folder
from jicheng.kernel.columns.certify import Certificate, certify
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver
from jicheng.plan.folder import read_table
from jicheng.plan.manifest import read_manifest
from jicheng.plan.settings import PlanSettings
from jicheng.plan.staffing import CERTIFIED, load_staffing, stamp_of
from jicheng.plan.toml_settings import settings_from

__all__ = ["Proof", "certify_plan"]

_GAP = 1e-7  # at which the staffing counts as proved
_SLICES = 6
_LEAST_S = 5.0  # seconds of a slice


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
    plan: str | Path, *, minutes: float = 10.0, progress: Callable[[Proof], None] | None = None
) -> Proof:
    """Tighten the bound of a plan's staffing and store what is found beside it.

    Parameters
    ----------
    plan : path
        Folder of a finished plan; ``pool-certified`` is written into it.
    minutes : float
        Wall clock. How far it gets differs from run to run, what it proves holds.
    progress : callable, optional
        Told after each slice.

    Raises
    ------
    InvalidInput
        As :func:`jicheng.plan.staffing.load_staffing`.
    """
    path, started = Path(plan), time.monotonic()
    staffing = load_staffing(path)
    before = staffing
    seconds = 60.0 * minutes
    best = staffing.sharing.chosen
    with Solver() as solver:
        while True:
            left = seconds - (time.monotonic() - started)
            found = certify(
                staffing.problem,
                staffing.columns,
                staffing.prices,
                gap=_GAP,
                seconds=max(1.0, min(left, max(_LEAST_S, seconds / _SLICES))),
                solver=solver,
            )
            staffing, best = _tightened(staffing, found, best)
            _store(path, staffing)
            proof = _proof(before, staffing, best, time.monotonic() - started)
            if progress is not None:
                progress(proof)
            if proof.gap <= _GAP or time.monotonic() - started >= seconds:
                return proof


def _tightened(
    staffing: Staffing, found: Certificate, best: np.ndarray
) -> tuple[Staffing, np.ndarray]:
    """Return the staffing with more columns and a lower bound, and the best plan known."""
    sharing, columns = staffing.sharing, found.pool
    is_lower = found.bound < sharing.bound
    better = np.full(len(best), -1, dtype=np.int64)
    better[columns.challenge[found.chosen]] = found.chosen
    held = _moved(staffing.columns, columns, best)
    worth = float(staffing.columns.value[best[best >= 0]].sum())
    if not found.is_feasible or found.value <= worth + 1e-9:
        better = held
    value = max(found.value if found.is_feasible else -np.inf, worth)
    sharing = replace(
        sharing,
        columns=columns,
        own=Own(
            _moved(staffing.columns, columns, sharing.own.column),
            sharing.own.bound,
            sharing.own.work,
        ),
        chosen=_moved(staffing.columns, columns, sharing.chosen),
        prices=found.prices if is_lower else sharing.prices,
        bound=max(found.bound if is_lower else sharing.bound, value),
    )
    return replace(staffing, sharing=sharing), better


def _moved(before: ColumnPool, after: ColumnPool, places: np.ndarray) -> np.ndarray:
    """Return where columns of one pool stand in another that has them; -1 stays -1."""
    return np.array(
        [
            -1 if j < 0 else after.column_of(int(before.challenge[j]), before.members_of(int(j)))
            for j in places
        ],
        dtype=np.int64,
    )


def _store(path: Path, staffing: Staffing) -> None:
    """Put the pool into place, whole or not at all."""
    manifest = read_manifest(path)
    settings = settings_from(manifest["settings"], PlanSettings)
    challenges = read_table(path / "tables" / "challenges.csv")
    stamp = stamp_of(manifest["zone"]["input_hash"], settings, challenges)
    with replaced_folder(path / CERTIFIED) as folder:
        for name, content in packed(staffing, stamp).items():
            (folder / name).write_bytes(content)


def _proof(before: Staffing, now: Staffing, best: np.ndarray, seconds: float) -> Proof:
    chosen, columns = now.sharing.chosen, now.columns
    changed = [now.challenges[c] for c in np.flatnonzero(best != chosen)]
    return Proof(
        value=before.value,
        bound_before=before.bound,
        bound=now.bound,
        best=float(columns.value[best[best >= 0]].sum()),
        n_before=len(before.columns),
        n_columns=len(columns),
        changed=tuple(changed),
        seconds=seconds,
    )
