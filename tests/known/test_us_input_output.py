"""Regression values of the US tables of 15 and 71 industries."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from jicheng.kernel.input_output import InputOutput, input_output

pytestmark = pytest.mark.shared


def number(cell: str) -> float:
    return 0.0 if cell in ("---", "") else float(cell.replace(",", ""))


def read(folder: Path, n: int) -> tuple[InputOutput, list[str]]:
    tables = {}
    for name in ("use", "make"):
        with (folder / "io_us" / f"{name}_{n}.csv").open(newline="") as file:
            tables[name] = list(csv.reader(file))
    industries = [row[0] for row in tables["use"][1 : n + 1]]
    flows = [[number(cell) for cell in row[1 : n + 1]] for row in tables["use"][1 : n + 1]]
    column = tables["make"][0].index("Total Industry Output")
    output = [number(row[column]) for row in tables["make"][1 : n + 1]]
    return input_output(flows, output), industries


def assert_leads(values: np.ndarray, industries: list[str], leaders: dict[str, float]) -> None:
    order = np.argsort(-values)[: len(leaders)]
    for position, (start, value) in zip(order, leaders.items(), strict=True):
        assert industries[position].startswith(start)
        assert values[position] == pytest.approx(value, abs=5e-5)


def test_fifteen_industries(shared: Path) -> None:
    found, industries = read(shared, 15)
    assert found.spectral_radius == pytest.approx(0.4162, abs=5e-5)
    assert_leads(
        found.extraction, industries,
        {"Manufacturing": 0.2385, "Finance": 0.2315, "Professional": 0.1756},
    )  # fmt: skip
    assert_leads(found.forward, industries, {"Agriculture": 1.7216, "Mining": 1.6994})
    assert_leads(found.backward, industries, {"Agriculture": 1.1210})
    assert_leads(found.centrality, industries, {"Manufacturing": 0.3962})


def test_seventy_one_industries(shared: Path) -> None:
    found, industries = read(shared, 71)
    assert found.spectral_radius == pytest.approx(0.4361, abs=5e-5)
    assert_leads(
        found.extraction, industries, {"Miscellaneous professional": 0.0887, "Construction": 0.0878}
    )
    assert_leads(found.forward, industries, {"Mining, except": 2.1103, "Primary metals": 2.0522})
    assert_leads(found.backward, industries, {"State and local government enterprises": 2.4808})
