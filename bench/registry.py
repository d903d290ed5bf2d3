"""Finds the benchmarks of this folder, and describes the machine they ran on."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["Benchmark", "benchmarks", "machine"]

_NOT_BENCHMARKS = {
    "__init__", "__main__", "made_up", "plot", "points_pandas", "registry", "shared_problems",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: what it measures in a sentence, and how to run it."""

    name: str
    about: str
    run: Callable[[bool], dict[str, Any]]


def benchmarks() -> dict[str, Benchmark]:
    """Return every benchmark by its name; a module or package of this folder is one."""
    folder = Path(__file__).parent
    names = {file.stem for file in folder.glob("*.py")}
    names |= {file.parent.name for file in folder.glob("*/__init__.py")}
    found = {}
    for name in sorted(names - _NOT_BENCHMARKS):
        module = importlib.import_module(f"bench.{name}")
        about = (module.__doc__ or "").strip().splitlines()[0]
        found[module.NAME] = Benchmark(module.NAME, about, module.run)
    return found


def machine() -> dict[str, Any]:
    """Return processor, cores, load and versions: what a figure depends on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load of other work (1 min)": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "scipy", "polars", "highspy")},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
