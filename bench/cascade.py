"""Systemic risk of firms: a random network, 8 links a firm, four-digit industries.

Sales are lognormal(0, 1), industries uniform, suppliers not replaceable, the tolerance
1e-2. A figure is the time of one core per stopped firm on the warm kernel, beside it the
time on the wall; how far a failure reaches varies, so each run stops the same firms.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jicheng.kernel.cascade import systemic_risk

NAME = "cascade"

LINKS, SEED, REPEATS = 8, 0, 5
SIZES = ((10_000, 1_000), (100_000, 256))  # firms in the network, firms stopped
QUICK = ((1_000, 64),)
SHARES = (0.709, 0.119, 0.172)  # of 0, 1, 2 in the four-digit matrix of 616 industries


def run(quick: bool) -> dict[str, Any]:
    """Return milliseconds per firm (best and median of some runs) and compile seconds."""
    needs, origin = essentiality()
    figures: dict[str, Any] = {"essentiality": origin}
    if not quick:
        figures["first call, compiled anew [s]"] = first_call_without_cache()
    figures["first call [s]"] = first_call()
    for n, n_stopped in QUICK if quick else SIZES:
        sales, industry = network(n, len(needs))
        firms = np.random.default_rng(SEED + 1).choice(n, n_stopped, replace=False)
        laid_out, _ = measure(sales, industry, needs, firms[:0])
        runs = [measure(sales, industry, needs, firms) for _ in range(1 if quick else REPEATS)]
        for clock, name in ((0, "core"), (1, "wall")):
            each = [(run[clock] - laid_out[clock]) / n_stopped * 1e3 for run, _ in runs]
            figures[f"{n:,} firms: ms of {name} per firm, best"] = round(min(each), 3)
            figures[f"{n:,} firms: ms of {name} per firm, median"] = round(median(each), 3)
        figures[f"{n:,} firms: laying out the network [s]"] = round(laid_out[0], 3)
        figures[f"{n:,} firms: mean steps"] = round(float(runs[0][1].iterations.mean()), 2)
        figures[f"{n:,} firms: mean loss"] = round(float(runs[0][1].total.mean()), 6)
    return figures


def first_call() -> float:
    needs = np.ones((2, 2), dtype=np.int64)
    (seconds, _), _ = measure(*network(50, 2), needs, np.arange(3))
    return round(seconds, 2)


def first_call_without_cache() -> float:
    code = "from bench.cascade import first_call; print(first_call())"
    with tempfile.TemporaryDirectory() as folder:
        shown = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"NUMBA_CACHE_DIR": folder},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(shown.stdout)


def measure(sales: Any, industry: Any, needs: Any, firms: Any) -> tuple[tuple[float, float], Any]:
    """Return seconds of the core and on the wall, and the result."""
    started = time.process_time(), time.perf_counter()
    found = systemic_risk(sales, industry, needs, replaceable=False, tolerance=1e-2, firms=firms)
    return (time.process_time() - started[0], time.perf_counter() - started[1]), found


def network(n: int, n_industries: int) -> tuple[sparse.coo_array[Any], NDArray[np.int64]]:
    rng = np.random.default_rng(SEED)
    ends = rng.integers(0, n, LINKS * n), rng.integers(0, n, LINKS * n)
    sales = sparse.coo_array((rng.lognormal(0, 1, LINKS * n), ends), shape=(n, n))
    return sales, rng.integers(0, n_industries, n)


def essentiality() -> tuple[NDArray[np.int64], str]:
    """Return the published four-digit matrix, or a random one of the same density."""
    folder = Path(
        os.environ.get("JICHENG_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
    )
    file = folder / "esri" / "ess_mat_n4_ihs.csv"
    if file.is_file():
        with file.open(newline="") as opened:
            rows = list(csv.reader(opened))[1:]
        return np.array([row[1:] for row in rows], dtype=np.int64), "published, 616 industries"
    matrix = np.random.default_rng(SEED).choice(3, size=(616, 616), p=SHARES)
    return matrix, "random, 616 industries, density of the published one"
