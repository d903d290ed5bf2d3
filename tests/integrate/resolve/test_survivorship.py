from __future__ import annotations

import polars as pl

from jicheng.integrate.resolve import ResolveSettings, resolve

RECORDS = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "source": ["web", "registry", "tax"],
        "as_of": ["2025-06-01", "2024-01-01", "2025-01-01"],
        "name": ["翊图", "广州翊图科技有限公司", None],
        "credit_code": ["91110108551385082Q"] * 3,
        "telephone": ["1", None, "3"],
        "lei": [None, "506700GE1G29325QX364", None],  # mistyped
    }
)


def golden(precedence: dict[str, list[str]]) -> tuple[dict[str, object], pl.DataFrame]:
    found = resolve(RECORDS, settings=ResolveSettings(probable=False))
    organisations, provenance = found.entities(precedence)
    assert organisations.height == 1
    return organisations.row(0, named=True), provenance


def test_latest_value_survives_by_default() -> None:
    row, _ = golden({})
    assert (row["name"], row["telephone"], row["records"]) == ("翊图", "1", 3)


def test_trusted_source_survives_over_a_later_one() -> None:
    row, provenance = golden({"": ["registry", "tax"], "telephone": ["tax"]})
    assert (row["name"], row["telephone"]) == ("广州翊图科技有限公司", "3")
    told = provenance.filter(pl.col("attribute") == "name").row(0, named=True)
    assert (told["record"], told["source"], told["as_of"]) == ("b", "registry", "2024-01-01")


def test_source_that_says_nothing_never_wins() -> None:
    row, _ = golden({"": ["registry", "tax"]})
    assert row["telephone"] == "3"


def test_invalid_identifier_does_not_survive() -> None:
    row, provenance = golden({})
    assert row["lei"] is None
    assert provenance.filter(pl.col("attribute") == "lei").is_empty()
