"""Points of a plan: every firm, the most first, ranks under other weights for the first."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from jicheng.plan.rules.judged import JudgedPack, judge
from jicheng.plan.rules.points import points_table
from jicheng.plan.rules.settings import RuleSettings
from jicheng.zone import Zone

SETTINGS = RuleSettings(packs=(), n_ranked=20, weight_draws=20)


@pytest.fixture(scope="module")
def scored(firms: Zone) -> JudgedPack:
    found = judge(firms, SETTINGS, Path()).points
    assert found is not None
    return found


def test_every_firm_has_points_and_the_most_stand_first(scored: JudgedPack, firms: Zone) -> None:
    table = points_table(scored, firms, SETTINGS, 1)
    assert table.height == 300
    assert table["low"].to_list() == sorted(table["low"], reverse=True)
    assert (table["low"] <= table["high"]).all()
    assert table["is_demo"].all()
    assert table["name"].null_count() == 0


def test_rank_lies_between_its_best_and_worst(scored: JudgedPack, firms: Zone) -> None:
    table = points_table(scored, firms, SETTINGS, 1)
    assert (table["rank_best"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_worst"]).all()


def test_complete_indicators_give_a_point(scored: JudgedPack, firms: Zone) -> None:
    table = points_table(scored, firms, SETTINGS, 1).filter(n_missing=0)
    assert table.height > 50
    assert (table["low"] == table["high"]).all()


def test_ranks_under_other_weights_are_kept_for_the_first(scored: JudgedPack, firms: Zone) -> None:
    table = points_table(scored, firms, SETTINGS, 1)
    assert table.filter(pl.col("rank_low").is_not_null())["rank"].max() == 20
    without = RuleSettings(packs=(), weight_draws=0)
    assert points_table(scored, firms, without, 1)["rank_low"].null_count() == 300
