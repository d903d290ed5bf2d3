"""Changes of a pack that one may try."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import Weights
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.score.evaluate import PASS, evaluate
from jicheng.select.laboratory.changes import Change, adjustable, changed
from policy_builders import OURS, banded, condition, facts, gate, pack

RULES = pack(
    gates=[gate("range", "10 <= revenue and staff_total / 2 < 50"), gate("title", "hte_valid")],
    indicators=[banded("size", "revenue", (100, 60), (50, 30), most=100)],
    conditions=[condition("conditions", "total", "score >= 60")],
)


def said(made, path):
    return next(e.when.text for e in made.elements() if e.path == path)


def test_number_of_a_condition_is_the_one_at_its_place():
    first = changed(RULES, [Change(path="gates/range", bound=20)])
    second = changed(RULES, [Change(path="gates/range", bound=70, place=1)])
    assert said(first, "gates/range") == "20.0 <= revenue and staff_total / 2 < 50"
    assert said(second, "gates/range") == "10 <= revenue and staff_total / 2 < 70.0"


def test_changed_pack_says_that_it_is_a_trial_and_what_is_ours():
    made = changed(RULES, [Change(path="gates/range", bound=20)])
    assert made.version == "1+trial"
    assert made.gates[0].numbers is OURS
    assert made.gates[1] is not None


def test_changed_rule_is_what_is_applied():
    made = changed(
        RULES,
        [
            Change(path="indicators/size/bands/0", bound=90, points=(60.0, 60.0)),
            Change(path="gates/title", is_left_out=True),
        ],
    )
    table = facts(1, revenue=[95], staff_total=[10])
    assert evaluate(RULES, table).verdicts[0] != PASS
    assert evaluate(made, table).verdicts[0] == PASS


def test_number_after_chinese_words_is_found_by_letters_not_bytes():
    made = pack(gates=[gate("field", "tech_field == 新材料 and revenue >= 5.0e6")])
    again = changed(made, [Change(path="gates/field", bound=-1.5)])
    assert said(again, "gates/field") == "tech_field == 新材料 and revenue >= -1.5"


@pytest.mark.parametrize(
    "path", ["gates/rnage", "indicators/size/bands/7", "indicators/none", "weights/x/y", "gates"]
)
def test_unknown_place_is_refused_with_what_is_near(path):
    with pytest.raises(InvalidInput, match="E975"):
        changed(RULES, [Change(path=path, bound=1, points=(1.0, 1.0))])


@pytest.mark.parametrize(
    "change",
    [
        Change(path="gates/title", bound=1),
        Change(path="gates/range", bound=1, place=5),
        Change(path="gates/range"),
        Change(path="indicators/size/bands/2", bound=5),
    ],
)
def test_change_that_does_not_fit_its_place_is_refused(change):
    with pytest.raises(InvalidInput, match="E976"):
        changed(RULES, [change])


def test_new_weight_leaves_the_others_in_proportion():
    made = changed(
        pack(weights=Weights({"a": {"x": 50.0, "y": 30.0, "z": 20.0}}, OURS)),
        [Change(path="weights/a/x", points=(60.0, 60.0))],
    )
    assert made.weights.by_stage["a"] == pytest.approx({"x": 60.0, "y": 24.0, "z": 16.0})


def test_missing_weights_start_from_equal_ones_in_every_stage():
    points = pack_of("cn.innovation_points@2024")
    made = changed(points, [Change(path="weights/*/rd_expense", points=(32.0, 32.0))])
    by_stage = made.weights.by_stage
    assert set(by_stage) == {"startup", "growth", "stable"}
    for weights in by_stage.values():
        assert weights["rd_expense"] == 32.0
        assert sum(weights.values()) == pytest.approx(100.0)
        assert len({round(w, 9) for name, w in weights.items() if name != "rd_expense"}) == 1


@pytest.mark.parametrize("key", list(shipped()))
def test_everything_adjustable_in_the_shipped_packs_can_be_changed(key):
    held = pack_of(key)
    for row in adjustable(held).iter_rows(named=True):
        is_weight = row["path"].startswith("weights/")
        change = Change(
            path=row["path"],
            place=row["place"],
            bound=None if row["value"] is None else row["value"] + 1,
            points=None if row["value"] is not None else (0.0, 0.0) if is_weight else (0.0, 1.0),
        )
        made = changed(held, [change])
        again = adjustable(made).filter(path=row["path"], place=row["place"]).row(0, named=True)
        if row["value"] is not None:
            assert again["value"] == pytest.approx(row["value"] + 1)
        else:
            assert again["points_high"] == pytest.approx(0.0 if is_weight else 1.0)


def test_nan_is_no_bound():
    rows = adjustable(RULES)
    assert not np.isnan(rows["value"].drop_nulls().to_numpy()).any()
    assert rows.filter(path="indicators/size/bands/2")["value"].to_list() == [None]


def test_weight_that_cannot_be_is_refused():
    rules = pack(weights=Weights({"a": {"x": 50.0, "y": 50.0}}, OURS))
    for change in (
        Change(path="weights/a/x", points=(101.0, 101.0)),
        Change(path="weights/a/x", points=(-1.0, -1.0)),
        Change(path="weights/a/x", bound=3.0),
    ):
        with pytest.raises(InvalidInput, match="E976"):
            changed(rules, [change])


def test_only_weight_of_a_stage_keeps_the_total():
    rules = pack(weights=Weights({"a": {"x": 100.0}}, OURS))
    assert changed(rules, [Change(path="weights/a/x", points=(100.0, 100.0))]).weights.by_stage == {
        "a": {"x": 100.0}
    }
    with pytest.raises(InvalidInput, match="E976"):
        changed(rules, [Change(path="weights/a/x", points=(60.0, 60.0))])


def test_local_indicator_in_an_extension_slot_can_be_changed():
    overlay = Path(__file__).parents[2] / "rules" / "packs" / "overlays" / "example_features.yaml"
    local = pack_of("cn.srdi_sme", [overlay])
    rows = adjustable(local)
    inside = rows.filter(rows["path"].str.contains("indicators/.*/.*/bands/0"))
    path = inside.filter(inside["path"].str.contains("local"))["path"][0]
    made = changed(local, [Change(path=path, bound=123.0)])
    assert adjustable(made).filter(path=path)["value"].to_list() == [123.0]
