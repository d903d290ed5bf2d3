"""The laboratory on the sample zone: costs as policies count them, overlays, weights."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import evaluate
from jicheng.sample import generate
from jicheng.select.laboratory import (
    Change,
    SensitivitySettings,
    changed,
    compare,
    threshold_curve,
    weight_sensitivity,
)
from jicheng.select.policies import PolicySubject, match_policies, read_policies

OVERLAYS = Path(__file__).parents[2] / "rules" / "packs" / "overlays"


@cache
def matched():
    return match_policies(generate(scale="small", seed=1).zone)


@cache
def firms():
    return matched().answers["pol:hte"].facts


def policies():
    return read_policies(generate(scale="small", seed=1).zone["policies"])


@pytest.mark.parametrize(
    ("key", "path", "bound"),
    [
        ("cn.tech_sme@2017", "conditions/total", 50.0),
        ("cn.srdi_sme@2022", "conditions/total", 50.0),
        ("cn.hte@2016", "gates/tech_staff", 0.2),
    ],
)
def test_cost_before_is_what_the_policy_needs_today(key, path, bound):
    held = pack_of(key)
    trial = changed(held, [Change(path=path, bound=bound)])
    found = compare(held, trial, firms(), policies=policies(), as_of=matched().as_of)
    assert found.costs.height == 1
    cost = found.costs.row(0, named=True)
    need = matched().budget(cost["policy"]).need
    assert (cost["need_before_low"], cost["need_before_high"]) == pytest.approx(need)
    later = threshold_curve(evaluate(held, firms()), path).passes(bound)
    assert (cost["takers_after_low"], cost["takers_after_high"]) == later


def test_looser_threshold_only_lets_firms_gain():
    held = pack_of("cn.tech_sme@2017")
    trial = changed(held, [Change(path="conditions/total", bound=40.0)])
    effects = set(compare(held, trial, firms()).subjects["effect"])
    assert effects <= {"same", "gains", "may_gain", "undecided"}
    assert "gains" in effects or "may_gain" in effects


def test_pack_with_an_overlay_moves_ranks_and_names_what_differs():
    held = pack_of("cn.innovation_points@2024")
    local = pack_of("cn.innovation_points@2024", [OVERLAYS / "example_weights.yaml"])
    found = compare(held, local, firms())
    assert "weights" in {one.path for one in found.differences}
    moved = found.subjects["rank_change"]
    assert (moved != 0).any()
    assert found.subjects["rank_before"].min() == found.subjects["rank_after"].min() == 1


def test_overlay_weights_are_those_that_are_drawn_around():
    local = pack_of("cn.innovation_points@2024", [OVERLAYS / "example_weights.yaml"])
    told = weight_sensitivity(evaluate(local, firms()), SensitivitySettings(n_draws=50)).weights
    stated = local.weights.by_stage
    for stage, indicator, weight in told.select("stage", "indicator", "weight").iter_rows():
        if stage:
            assert weight == pytest.approx(stated[stage][indicator])


def test_policies_of_people_are_no_part_of_a_pack_for_firms():
    mine = [p for p in policies() if p.subject is not PolicySubject.ORGANISATION]
    held = pack_of("cn.hte@2016")
    assert compare(held, held, firms(), policies=mine).costs.is_empty()
