"""Published results of the firm-level cascade.

The eleven-firm example and its results stand in the tutorial to Diem et al. 2022
(Sci Rep 12:7719); the network of 101 firms is read from the data folder.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jicheng.kernel.cascade import systemic_risk

SALES = [(2, 1), (2, 3), (3, 7), (6, 7), (7, 4), (7, 11), (8, 11), (9, 5), (9, 10), (10, 7)]
INDUSTRY = np.array([1, 2, 1, 3, 4, 2, 4, 1, 2, 3, 5]) - 1
TOTALS = {
    ("linear", False): [0.1, 11 / 30, 4 / 15, 0.35, 0.1, 1 / 6, 0.7, 0.1, 11 / 30, 4 / 15, 0.45],
    ("linear", True): [0.1, 0.3, 4 / 15, 0.35, 0.1, 7 / 60, 0.7, 0.1, 14 / 45, 4 / 15, 0.45],
    ("leontief", False): [0.1, 0.5, 0.4, 0.35, 0.1, 0.3, 0.7, 0.1, 0.5, 0.4, 0.45],
    ("leontief", True): [0.1, 11 / 30, 0.4, 0.35, 0.1, 0.15, 0.7, 0.1, 0.4, 0.4, 0.45],
    ("mixed", False): [0.1, 0.5, 0.4, 0.35, 0.1, 1 / 6, 0.7, 0.1, 0.3, 0.2, 0.45],
    ("mixed", True): [0.1, 11 / 30, 0.4, 0.35, 0.1, 7 / 60, 0.7, 0.1, 4 / 15, 0.2, 0.45],
}
UPSTREAM = [0.1, 0.2, 0.2, 0.35, 0.1, 0.1, 0.7, 0.1, 0.2, 0.2, 0.45]
STEPS = [2, 4, 3, 4, 2, 3, 3, 2, 4, 3, 4]


def essentiality(variant: str, m: int) -> NDArray[np.int64]:
    matrix = np.full((m, m), 2 if variant == "leontief" else 1)
    if variant == "mixed":
        matrix[0] = 2
        matrix[2, 3] = 0
    return matrix


def eleven_firms() -> NDArray[np.float64]:
    sales = np.zeros((11, 11))
    for supplier, buyer in SALES:
        sales[supplier - 1, buyer - 1] = 1.0
    return sales


@pytest.mark.parametrize(("variant", "replaceable"), TOTALS)
def test_eleven_firms_published_totals(variant: str, replaceable: bool) -> None:
    found = systemic_risk(
        eleven_firms(), INDUSTRY, essentiality(variant, 5), replaceable=replaceable, tolerance=1e-2
    )
    np.testing.assert_allclose(found.total, TOTALS[variant, replaceable], atol=1e-12)
    np.testing.assert_allclose(found.upstream, UPSTREAM, atol=1e-12)
    expected = STEPS[:8] + ([2, 2] if variant == "mixed" else STEPS[8:10]) + STEPS[10:]
    assert found.iterations.tolist() == expected


def read(path: Path) -> NDArray[np.float64]:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(cell) for cell in row] for row in rows])


def assert_equals_reference(
    found_sales: NDArray[np.float64],
    industry: NDArray[np.int64],
    matrix: NDArray[np.int64],
    replaceable: bool,
    reference: NDArray[np.float64],
) -> None:
    found = systemic_risk(found_sales, industry, matrix, replaceable=replaceable, tolerance=1e-2)
    np.testing.assert_allclose(found.total, reference[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.downstream, reference[:, 1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.upstream, reference[:, 2], rtol=0, atol=1e-12)
    assert found.iterations.tolist() == reference[:, 3].tolist()


@pytest.mark.shared
@pytest.mark.parametrize("replaceable", [False, True])
@pytest.mark.parametrize("variant", ["linear", "leontief", "mixed"])
def test_eleven_firms_reference_files(shared: Path, variant: str, replaceable: bool) -> None:
    folder = shared / "esri" / "reference"
    reference = read(folder / f"toy11_{variant}_sub{str(replaceable).upper()}.csv")
    industry = read(folder / "toy11_p.csv")[:, -1].astype(int) - 1
    assert_equals_reference(
        read(folder / "toy11_W.csv"), industry, essentiality(variant, 5), replaceable, reference
    )


@pytest.mark.shared
@pytest.mark.parametrize(
    ("variant", "replaceable", "largest", "firm", "median"),
    [
        ("linear", False, 0.708481, 90, 0.291522),
        ("linear", True, 0.665813, 75, 0.085238),
        ("leontief", False, 1.0, 3, 0.988005),
    ],
)
def test_erdos_renyi_reference_files(
    shared: Path, variant: str, replaceable: bool, largest: float, firm: int, median: float
) -> None:
    name = f"eps2_erdos_reny_101_213_{variant}_sub{str(replaceable).upper()}.csv"
    reference = read(shared / "esri" / "reference" / name)
    sales = read(shared / "esri" / "example_net_erdos_reny_101_213.csv")
    with (shared / "esri" / "industry_vector.csv").open(newline="") as file:
        industry = np.array([int(row["industry_id"]) - 1 for row in csv.DictReader(file)])
    assert_equals_reference(sales, industry, essentiality(variant, 4), replaceable, reference)
    found = systemic_risk(
        sales, industry, essentiality(variant, 4), replaceable=replaceable, tolerance=1e-2
    )
    assert found.total[firm - 1] == pytest.approx(largest, abs=1e-6)
    assert found.total.argmax() + 1 == firm
    assert np.median(found.total) == pytest.approx(median, abs=1e-6)
    assert found.iterations.max() == 42


@pytest.mark.shared
def test_essentiality_matrices_have_the_three_values(shared: Path) -> None:
    matrix = read(shared / "esri" / "ess_mat_n4_ihs.csv")[:, 1:]
    assert matrix.shape == (616, 616)
    assert set(np.unique(matrix)) == {0.0, 1.0, 2.0}
