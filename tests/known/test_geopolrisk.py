"""The published test case of GeoPolRisk: the USA in 2022, three commodities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jicheng.kernel.concentration import GeoPolRisk, geopolrisk

EXPECTED = {  # HHI, import risk, score, characterisation factor
    "Nickel": (0.267490077, 0.001207683, 0.000323043, 0.003792739),
    "Manganese": (0.203518337, 0.545188749, 0.110955908, 0.108604046),
    "Graphite": (0.470663479, 0.584226619, 0.274974133, 1.495658142),
}


@pytest.fixture(scope="module")
def book(shared: Path) -> dict[str, list[dict[str, Any]]]:
    opened = openpyxl.load_workbook(
        shared / "geopolrisk_case" / "Testing case - tool.xlsx", data_only=True
    )
    sheets = {}
    for sheet in opened:
        head, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return sheets


def score(book: dict[str, list[dict[str, Any]]], mineral: str) -> tuple[GeoPolRisk, dict[str, Any]]:
    reference = next(row for row in book["GeoPolRisk"] if row["Raw Material"] == mineral)
    countries = [row for row in book[mineral] if row["Country_Code"] not in (None, "DELETE")]
    trade = [row for row in book["Trade Data"] if row["rawMaterial"] == mineral]
    found = geopolrisk(
        [row[2022] or 0.0 for row in countries],
        [row["Quantity (mTonnes)"] for row in trade],
        [row["WGI"] for row in trade],
        domestic=reference["Domestic Production"],
        price=reference["Price"],
    )
    return found, reference


@pytest.mark.parametrize("mineral", EXPECTED)
def test_published_case_is_reproduced(book: dict[str, Any], mineral: str) -> None:
    found, reference = score(book, mineral)
    figures = (found.hhi, found.import_risk, found.score, found.characterisation_factor)
    assert figures == pytest.approx(EXPECTED[mineral], rel=1e-6, abs=5e-10)
    exact = [reference[name] for name in ("HHI", "Import Risk (WTA)", "GeoPolRisk Score", "CF")]
    assert figures == pytest.approx(exact, rel=1e-12)
