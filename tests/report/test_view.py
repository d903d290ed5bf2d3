from __future__ import annotations

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.report import PlanView
from plan_builders import make_plan, typed


def test_absent_table_is_empty_with_all_its_columns() -> None:
    view = PlanView({})
    assert view["chokepoints"].is_empty()
    assert "verdict" in view["chokepoints"].columns
    assert view.zone_rows("technologies") == []


def test_table_without_a_column_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="p_chokepoint") as caught:
        PlanView({"chokepoints": typed("chokepoints", []).drop("p_chokepoint")})
    assert caught.value.code == "E803"


def test_extra_columns_do_no_harm() -> None:
    frame = typed("front", [{"step": 0}]).with_columns(pl.lit(1).alias("later"))
    assert PlanView({"front": frame}).rows("front")[0]["step"] == 0


def test_threshold_that_was_not_recorded_is_none() -> None:
    assert PlanView({}).threshold("impact") is None
    assert make_plan().threshold("impact") == 0.05
