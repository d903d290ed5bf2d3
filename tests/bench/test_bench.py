"""Every benchmark runs in its quick form and says on which machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NO_BENCHMARKS = {
    "__init__", "__main__", "made_up", "plot", "points_pandas", "registry", "shared_problems",
}  # fmt: skip
FOUND = [
    *(ROOT / "bench").glob("*.py"),
    *(file.parent for file in (ROOT / "bench").glob("*/__init__.py")),
]
NAMES = sorted({file.stem for file in FOUND} - NO_BENCHMARKS)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_cascade_runs_and_prints_the_machine() -> None:
    shown = run("cascade", "--quick")
    assert shown.returncode == 0, shown.stderr
    for label in (
        "processor",
        "cores",
        "python",
        "numba",
        "ms of core per firm",
        "first call",
        "essential",
    ):
        assert label in shown.stdout


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    refused = run("nothing")
    assert refused.returncode == 2
    assert "no benchmark named nothing" in refused.stderr
    for name in NAMES:
        assert name in refused.stderr
