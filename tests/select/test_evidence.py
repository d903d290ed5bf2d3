"""Evidence grades: the table line by line, and the rule of the single supplier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import link, make_zone, share, technologies
from jicheng.chain import Chain
from jicheng.select.evidence import grade_supply, letters
from jicheng.supply import Supply


def graded(*rows: dict[str, Any], is_category: bool = False) -> str | None:
    links = [link("m", "t", "category")] if is_category else []
    zone = make_zone(technologies=technologies("t", "m"), supply=list(rows), links=links)
    supply, chain = Supply.of(zone, "CHN"), Chain.of(zone)
    grade, _, _ = grade_supply(supply, chain.is_category, 2026)
    return letters(grade)[chain.index["t"]]


def two(known: float, period: int | None, **values: Any) -> list[dict[str, Any]]:
    """Return two suppliers that together hold ``known``."""
    return [share("t", name, known / 2, period=period, **values) for name in ("JPN", "USA")]


@pytest.mark.parametrize(
    ("period", "expected"),
    [(2026, "A"), (2024, "A"), (2023, "B"), (2022, "B"), (2021, "C"), (2018, "C"), (2017, "D"),
     (None, "D"), (2030, "A")],
)  # fmt: skip
def test_age_counts_from_the_period_of_the_zone(period: int | None, expected: str) -> None:
    assert graded(*two(1.0, period)) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [(1.0, "A"), (0.95, "A"), (0.94, "B"), (0.80, "B"), (0.79, "C"), (0.50, "C"), (0.49, "D")],
)
def test_known_mass(known: float, expected: str) -> None:
    assert graded(*two(known, 2026)) == expected


def test_the_worst_line_counts() -> None:
    assert graded(*two(0.79, 2023)) == "C"
    assert graded(*two(0.94, 2021)) == "C"


def test_an_aggregate_is_known_mass() -> None:
    rows = [*two(0.6, 2026), share("t", "Various", 0.4, country=None)]
    assert graded(*rows) == "A"


def test_without_a_share_there_is_no_grade() -> None:
    assert graded(share("t", "JPN", None)) is None
    assert graded() is None


def test_only_an_aggregate_with_a_share_is_the_worst_grade() -> None:
    rows = [share("t", "Various", 1.0, country=None), share("t", "JPN", None)]
    assert graded(*rows) == "D"


def test_a_category_is_the_worst_grade_however_good_its_rows() -> None:
    assert graded(*two(1.0, 2026), is_category=True) == "D"


@pytest.mark.parametrize(
    ("period", "expected"), [(2026, "B"), (2024, "B"), (2023, "C"), (2021, "D"), (None, "D")]
)
def test_one_listed_supplier_costs_a_grade(period: int | None, expected: str) -> None:
    assert graded(share("t", "JPN", 1.0, period=period)) == expected


def test_a_second_supplier_without_a_share_is_listed() -> None:
    assert graded(share("t", "JPN", 1.0, period=2026), share("t", "USA", None)) == "A"


def test_of_two_bases_the_worse_counts() -> None:
    sourcing = two(0.6, 2026, basis="CHN")
    assert graded(*two(1.0, 2026), *sourcing) == "C"
    assert graded(*sourcing) == "C"


def test_letters_of_grades() -> None:
    assert letters(np.array([-1, 0, 3])) == [None, "A", "D"]
