from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.shipped import pack_of as shipped_pack
from jicheng.select.points import changes, score, score_zone
from jicheng.zone import Zone
from score_builders import facts_of, pack_of

PACK = """
indicators:
  - {id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}
  - {id: b, max: 40, status: verified, percentile: {of: rd_expense, transform: log1p}}
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
"""


def year(number: int, *, missing: int = -1) -> FactTable:
    firms = [
        {
            "revenue": None if k == missing else 1e6 * (k + 1),
            "rd_expense": 1e4 * ((7 * k) % 12),
            "stage": "growth" if k % 2 else "startup",
            "tech_field": "x",
        }
        for k in range(12)
    ]
    return facts_of(firms, year=number)


def test_firm_with_more_of_everything_is_first_in_its_group() -> None:
    result = score(year(2025), pack_of(PACK))
    table = result.table
    first = table.filter(table["rank"] == 1)
    assert sorted(first["stage"].to_list()) == ["growth", "startup"]
    assert table["n_peers"].unique().to_list() == [6]
    assert (table["low"] == table["high"]).all()
    assert (table["rank_best"] == table["rank_worst"]).all()


def test_missing_value_makes_points_and_places_intervals() -> None:
    table = score(year(2025, missing=5), pack_of(PACK)).table
    row = table.row(5, named=True)
    assert row["high"] - row["low"] == pytest.approx(60)
    assert row["n_missing"] == 1
    assert row["rank_best"] < row["rank_worst"]
    assert row["percentile_low"] < row["percentile_high"]
    assert row["rank_best"] <= row["rank"] <= row["rank_worst"]


def test_years_are_scored_each_among_its_own_peers() -> None:
    result = score([year(2025), year(2024, missing=5)], pack_of(PACK))
    assert [each.facts.year for each in result.years] == [2024, 2025]
    assert result.table["year"].to_list() == [2024] * 12 + [2025] * 12


def test_threads_change_nothing() -> None:
    years = [year(number) for number in (2023, 2024, 2025)]
    alone, together = (score(years, pack_of(PACK), threads=n).table for n in (1, 2))
    assert alone.equals(together)


def test_firm_of_unknown_stage_has_no_rank_and_an_interval() -> None:
    facts = year(2025)
    stage = facts.choices["stage"]
    codes = stage.codes.copy()
    codes[3] = -1
    hidden = facts.with_facts(choices={"stage": type(stage)(stage.values, codes)})
    row = score(hidden, pack_of(PACK)).table.row(3, named=True)
    assert (row["stage"], row["rank"], row["n_peers"]) == (None, None, None)
    assert row["low"] < row["high"]
    assert row["rank_of_all"] >= 1


def test_frozen_quantiles_keep_points_of_those_who_stay() -> None:
    before = score(year(2025), pack_of(PACK))
    quantiles = before.years[0].peers
    assert quantiles is not None
    few = before.years[0].facts.rows([2, 4])
    after = score(few, pack_of(PACK), peers={2025: quantiles}).table
    assert after["low"].to_list() == before.table["low"].gather([2, 4]).to_list()


def test_firms_are_placed_among_others_as_if_they_were_of_them() -> None:
    whole = score(year(2025, missing=5), pack_of(PACK))
    few = whole.years[0].facts.rows([2, 5])
    table = score(few, pack_of(PACK), among={2025: whole.years[0].facts}).table
    assert table.equals(whole.table[[2, 5]])


def test_stranger_is_placed_by_itself_among_others() -> None:
    firms = year(2025)
    guest = {"revenue": 1e9, "rd_expense": 1e9, "stage": "growth", "tech_field": "x"}
    strangers = facts_of([guest, guest])
    named = replace(strangers, subjects=pl.Series(["new", "newer"], dtype=pl.String))
    table = score(named, pack_of(PACK), among={2025: firms}).table
    assert table["rank"].to_list() == table["rank_of_all"].to_list() == [1, 1]
    assert table["n_peers"].to_list() == [7, 7]
    assert table["n_of_all"].to_list() == [13, 13]


def test_change_lies_between_what_both_years_allow() -> None:
    now = score(year(2025, missing=5), pack_of(PACK)).years[0]
    quantiles = now.peers
    assert quantiles is not None
    before = score(year(2024).rows(range(11)), pack_of(PACK), peers={2024: quantiles}).years[0]
    table = changes(now, before)
    same, unknown, new = (table.row(k, named=True) for k in (4, 5, 11))
    assert (same["change_low"], same["change_high"]) == (0.0, 0.0)
    assert (same["year"], same["year_before"]) == (2025, 2024)
    assert unknown["change_high"] - unknown["change_low"] == pytest.approx(60)
    assert unknown["change_low"] <= 0 <= unknown["change_high"]
    assert new["low_before"] is new["change_low"] is None


def test_figures_of_an_earlier_year_are_those_that_have_years() -> None:
    facts = facts_of([
        {"revenue": 3.0, "revenue[-1]": 2.0, "niche_years": 4.0, "own_brand": True,
         "founded_year": 2000.0, "stage": "growth", "tech_field": "x"},
    ])  # fmt: skip
    before = facts.earlier(1, choices=("stage",))
    assert before.year == 2024
    assert before.value("revenue").low.tolist() == [2.0]
    assert (
        before.missing("revenue", -1).tolist() == before.missing("niche_years").tolist() == [True]
    )
    assert before.missing("own_brand").tolist() == before.missing("tech_field").tolist() == [True]
    assert before.missing("stage").tolist() == before.missing("founded_year").tolist() == [False]


def test_explanation_agrees_with_the_table() -> None:
    result = score([year(2024), year(2025, missing=5)], pack_of(PACK))
    told = result.explain("f5")
    row = result.years[-1].table.row(5, named=True)
    assert (told.low, told.high, told.year) == (row["low"], row["high"], 2025)
    assert [str(found.name) for found in told.missing] == ["revenue"]
    assert result.explain("f5", year=2024).low == result.years[0].table["low"][5]


def test_explanation_of_another_year_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        score(year(2025), pack_of(PACK)).explain("f5", year=1999)
    assert caught.value.code == "E961"


def test_pack_without_points_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        score(year(2025), pack_of("gates: [{id: g, status: verified, when: own_brand}]"))
    assert caught.value.code == "E962"


def test_demo_weights_and_draft_are_labelled() -> None:
    assert score(year(2025), pack_of(PACK)).labels[-1].zh.startswith("演示权重")
    official = PACK + "weights: {status: verified, by_stage: {growth: {a: 60, b: 40}}}"
    quiet = official.replace("status: ours", "status: verified")
    assert score(year(2025), pack_of(quiet)).labels == ()


def test_points_of_the_shipped_pack_for_a_zone() -> None:
    pack: Pack = shipped_pack("cn.innovation_points@2024")
    zone = Zone.of({
        "zones": [{"id": "z", "name": "Z", "period": 2025, "home": "CHN"}],
        "organisations": [
            {"id": f"f{k}", "name": f"厂{k}", "kind": "firm", "zone": "z"} for k in range(4)
        ],
        "indicators": [
            {"subject": f"f{k}", "indicator": "revenue", "period": 2025, "value": 1e6 * k}
            for k in range(4)
        ],
    }, strict=False)  # fmt: skip
    table = score_zone(zone, pack).table
    assert table["subject"].to_list() == ["f0", "f1", "f2", "f3"]
    assert (table["n_missing"] == 17).all()
    assert table["stage"].null_count() == 4
    assert np.allclose(table["high"] - table["low"], 100 * 17 / 18)
