"""Kernels compiled in another process: awaited, never needed, and never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jicheng.plan.compilation import await_kernels, compiled_beside

_PLAN_AFTER_REHEARSAL = """
import sys
from jicheng.kernel.rehearsal import _SLOWEST, STAGES
for rehearse in STAGES.values():
    rehearse()
ready = {kernel.__name__: set(kernel.signatures) for kernel in _SLOWEST}
from jicheng.optimise.settings import PortfolioSettings
from jicheng.plan import PlanSettings, run_plan
from jicheng.sample import generate
quick = PlanSettings(portfolio=PortfolioSettings(n_draws=100, enumerate_up_to=0, front_points=3))
run_plan(generate(scale="small", seed=5).zone, sys.argv[1], quick)
for kernel in _SLOWEST:
    assert set(kernel.signatures) == ready[kernel.__name__], kernel
"""

_BESIDE = """
import os, sys, time
from jicheng.plan.compilation import await_kernels, compiled_beside
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
children = lambda: open(f"/proc/self/task/{os.getpid()}/children").read().split()
with compiled_beside():
    print(len(children()))
    if children() and sys.argv[2] == "killed":
        os.kill(int(children()[0]), 9)
        await_kernels("consortia")
        await_kernels("portfolio")
print(len(children()))
"""


def run(script: str, *arguments: object, cache: Path | None = None) -> str:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)} if cache else dict(os.environ)
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_plan_calls_what_was_rehearsed(tmp_path: Path) -> None:
    run(_PLAN_AFTER_REHEARSAL, tmp_path / "plan")


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir() or os.cpu_count() == 1, reason="needs Linux, two cores"
)


@needs_proc
@pytest.mark.parametrize("end", ["early", "killed"])
def test_a_process_compiles_and_ends(tmp_path: Path, end: str) -> None:
    assert run(_BESIDE, 2, end, cache=tmp_path).split() == ["1", "0"]


@needs_proc
def test_no_process_is_started_on_a_single_core(tmp_path: Path) -> None:
    assert run(_BESIDE, 1, "early", cache=tmp_path).split() == ["0", "0"]


def test_nothing_is_awaited_where_no_process_compiles() -> None:
    await_kernels("consortia")


def test_an_error_goes_through() -> None:
    with pytest.raises(ZeroDivisionError), compiled_beside():
        _ = 1 / 0
