"""Compile kernels before they are needed, by running each on a problem of a few items.

Numba compiles a kernel at its first call and stores the code on disk, where any process
finds it. So a process beside the one that works can call the kernels of later stages with
made-up arrays of the same types, while the earlier stages run. It prints the name of each
stage whose kernels are ready. What it computes is thrown away. It ends when its standard
input closes: with its parent, or when that needs nothing more.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numba import config
from numba.core import caching

from jicheng.kernel._team_tree import explore
from jicheng.kernel.chain_cascade import ChainGraph
from jicheng.kernel.columns._plans import fill_plan
from jicheng.kernel.columns._sheets import points_of_teams
from jicheng.kernel.columns._teams import search_teams
from jicheng.kernel.columns.master import pack
from jicheng.kernel.columns.pricing import QUICK, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.envelope import Envelope, _slopes
from jicheng.kernel.moves import Moves, _walk
from jicheng.kernel.protection import Protection
from jicheng.kernel.subsets import expected_over_draws
from jicheng.kernel.team_branch import best_team, teams_above
from jicheng.kernel.team_problem import TeamProblem, Ties

__all__ = ["STAGES", "is_compiled", "main"]


def _consortia() -> None:
    """Search one challenge of three organisations at prices, and choose among what was found."""
    n = 3
    ties = Ties(np.array([0, 0]), np.array([1, 2]), np.array([1.0, 0.5]))
    team = TeamProblem(
        gain=np.array([[3.0, 0.0], [0.0, 2.0], [1.0, 1.0]]),
        holds=np.array([[True, False], [False, True], [True, True]]),
        price=np.array([0.5, 0.25, 1.0]),
        distance=np.zeros((1, n)),
        lead_at=np.array([0, -1, 0]),
        is_research=np.array([False, True, True]),
        ties=ties,
    )
    problem = SharedProblem(
        teams=(team,),
        who=(np.arange(n),),
        worth=np.ones(1),
        capacity=np.ones(n),
        fixed_use=np.zeros((1, 1)),
        member_use=np.zeros((n, 1)),
        limits=np.ones(1),
        mandatory=np.zeros(1, dtype=np.bool_),
    )
    prices = Prices.none(problem)
    pack(problem, price_all(problem, prices, effort=QUICK), prices=prices)
    teams_above(team, -np.inf, most=n)
    best_team(team)


def _portfolio() -> None:
    """Value two challenges on a chain of three technologies and bound what they avoid."""
    pointer, nothing = np.array([0, 0, 0, 2]), np.zeros(0, dtype=np.int64)
    graph = ChainGraph(
        order=np.arange(3),
        input_pointer=pointer,
        input_source=np.array([0, 1]),
        input_weight=np.array([0.5, 0.5]),
        member_pointer=np.zeros(4, dtype=np.int64),
        member_source=nothing,
        member_weight=np.zeros(0),
    )
    protection = Protection(
        graph=graph,
        essential=np.array([True, False]),
        final_value=np.array([0.0, 0.0, 1.0]),
        weights=np.ones(1),
        left=np.array([[0.5, 0.5, 1.0]]),
        technology=np.array([0, 1]),
        relief=np.array([0.25, 0.5]),
    )
    successes = np.array([[True, False], [False, True], [True, True]])
    protection.avoided(successes)
    expected_over_draws(np.zeros(4), np.array([1, 2, 3]))
    Moves.of(protection, successes).singles(np.array([True, False]))
    Envelope.of(protection, 0, successes).slope_at(np.array([1.0, 0.0]))


STAGES: MappingProxyType[str, Callable[[], None]] = MappingProxyType(
    {"consortia": _consortia, "portfolio": _portfolio}
)
"""What is called for each stage of a plan, in the order in which they run."""

_SLOWEST = (search_teams, points_of_teams, fill_plan, explore, _walk, _slopes)


def is_compiled() -> bool:
    """Tell whether the kernels that take longest to compile have code on disk.

    True, too, where nothing is compiled or stored at all: there is nothing to do ahead.
    """
    return bool(config.DISABLE_JIT) or all(_is_stored(kernel) for kernel in _SLOWEST)


def _is_stored(kernel: Any) -> bool:
    """Tell whether the index of a kernel's code is there and newer than its source."""
    code, folder = kernel.py_func.__code__, kernel.stats.cache_path
    source = Path(code.co_filename).stat().st_mtime
    pattern = f"*.{kernel.__name__}-{code.co_firstlineno}.py*.nbi"
    return any(index.stat().st_mtime >= source for index in Path(folder).glob(pattern))


def _leave_with_parent() -> None:
    """End the process when its standard input closes, but not while it stores code.

    Numba writes the index of a kernel before its code; a process that ended in between
    would leave an index that may name code of an older source.
    """
    while os.read(0, 1):  # not by way of sys.stdin, whose lock would outlive the main thread
        continue
    while _is_storing():
        time.sleep(0.01)
    os._exit(0)


def _is_storing() -> bool:
    """Tell whether the main thread, which waits for this one, is storing code."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        if frame.f_code.co_filename == caching.__file__:
            return True
        frame = frame.f_back
    return False


def main(stages: Sequence[str] = tuple(STAGES)) -> None:
    """Compile the kernels of stages one after another; print the name of each when ready."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    for stage in stages:
        STAGES[stage]()
        print(stage, flush=True)  # noqa: T201 - read by the process that started this one


if __name__ == "__main__":
    main()
