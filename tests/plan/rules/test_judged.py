"""Packs over the firms of a zone: every pack of the ladder tells pass, open and fail apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.plan.rules.judged import Judged, judge
from jicheng.plan.rules.settings import RuleSettings
from jicheng.plan.rules.tables import qualification_table, verdict_table
from jicheng.rules.facts.complete import ALL
from jicheng.rules.score.evaluate import FAIL, OPEN, PASS
from jicheng.sample import generate
from jicheng.zone import Zone

HERE = Path()
LISTED = RuleSettings(complete_lists=(ALL,))
WEIGHTS = Path(__file__).parents[2] / "rules" / "packs" / "overlays" / "example_weights.yaml"
OVERLAY = """
overlay:
  id: cn.innovation_points
  version: "2024"
  name: {zh: 示例权重, en: Sample weights}
  issuer: {text: 示例高新区, status: verified}
  document: {text: 示例, status: verified}
points: {total: 100, status: verified}
"""


@pytest.fixture(scope="module")
def judged(firms: Zone) -> Judged:
    return judge(firms, LISTED, HERE)


def test_every_pack_of_the_large_sample_passes_fails_and_leaves_open() -> None:
    zone = generate(scale="zone", seed=1).zone
    for one in judge(zone, RuleSettings(complete_lists=(ALL,)), HERE).packs:
        counts = np.bincount(one.evaluation.verdicts, minlength=3)
        assert (counts > 0).all(), one.pack.key


def test_counts_of_a_pack_add_up(judged: Judged) -> None:
    for row in verdict_table(judged).iter_rows(named=True):
        assert row["n_pass"] + row["n_open"] + row["n_fail"] == row["n_firms"] == 300
        assert row["is_draft"]


def test_lists_said_to_be_complete_are_told(judged: Judged) -> None:
    assert [found.code for found in judged.warnings] == ["E618"]
    assert "High-tech enterprise" in judged.warnings[0].message.en


def test_unknown_kind_of_complete_list_is_refused(firms: Zone) -> None:
    with pytest.raises(InvalidInput) as caught:
        judge(firms, RuleSettings(complete_lists=("high_tech",)), HERE)
    assert caught.value.code == "E954"


def test_no_list_is_complete_unless_the_settings_say_so(firms: Zone) -> None:
    strict = judge(firms, RuleSettings(packs=("cn.hte",), points_pack=""), HERE)
    assert strict.warnings == ()
    assert verdict_table(strict)["n_held"].to_list() == [None]
    held = strict.packs[0].held
    assert held is not None
    assert held.possibly.all()
    assert not held.certainly.all()


def test_holders_are_those_of_the_table_at_the_end_of_the_year(judged: Judged) -> None:
    row = verdict_table(judged).filter(pack="cn.hte@2016").row(0, named=True)
    assert 0 < row["n_held"] <= 30


def test_rows_are_kept_only_where_somebody_acts(judged: Judged, firms: Zone) -> None:
    table = qualification_table(judged, firms, 1)
    for one in judged.packs:
        verdicts = one.evaluation.verdicts
        holds = np.zeros(verdicts.size, dtype=bool) if one.held is None else one.held.certainly
        names = one.evaluation.facts.subjects.to_numpy()
        acts = (~holds & (verdicts == PASS)) | (holds & (verdicts == FAIL))
        few = (verdicts == OPEN) & (one.n_missing <= 1)
        kept = set(table.filter(pack=one.pack.key)["organisation"])
        assert kept == set(names[acts | few])


def test_open_firm_names_the_fact_that_it_lacks(judged: Judged, firms: Zone) -> None:
    table = qualification_table(judged, firms, 1).filter(verdict="open", n_missing=1)
    assert table.height > 0
    assert table["missing"].null_count() == table["missing_en"].null_count() == 0


def test_overlay_for_no_pack_in_use_is_refused(firms: Zone, tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(OVERLAY, "utf-8")
    settings = RuleSettings(packs=("cn.hte",), points_pack="", overlays=("o.yaml",))
    with pytest.raises(InvalidInput, match=r"cn\.innovation_points@2024") as caught:
        judge(firms, settings, tmp_path)
    assert caught.value.code == "E944"


def test_issued_weights_take_the_mark_of_demo_weights_away(firms: Zone, tmp_path: Path) -> None:
    issued = WEIGHTS.read_text("utf-8").replace("status: ours", "status: unverified", 1)
    (tmp_path / "issued.yaml").write_text(issued, "utf-8")
    found = []
    for overlays in ((), ("issued.yaml",)):
        points = judge(firms, RuleSettings(packs=(), overlays=overlays), tmp_path).points
        assert points is not None
        found.append((points.pack.has_demo_weights, points.pack.is_draft))
    assert found == [(True, True), (False, True)]
