"""A zone types in what the shipped packs lack, and nothing of the pack itself changes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import yaml

from jicheng.errors import InvalidInput
from jicheng.rules.expression.evaluation import Scope, number
from jicheng.rules.expression.syntax import parse
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.score.evaluate import VERDICTS, evaluate
from jicheng.rules.score.explanation import explain
from pack_edges import Facts, Known, fact_table

OVERLAYS = Path(__file__).parent / "overlays"
WEIGHTS, FEATURES = OVERLAYS / "example_weights.yaml", OVERLAYS / "example_features.yaml"
POINTS, SRDI = "cn.innovation_points@2024", "cn.srdi_sme@2022"


def as_text(found: object) -> str:
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=False)


def written(tmp_path: Path, found: object) -> Path:
    file = tmp_path / "overlay.yaml"
    file.write_text(as_text(found), "utf-8")
    return file


def firms(stage: str, n: int = 60) -> list[Facts]:
    """Return firms of one stage and field, each better than the one before in everything."""
    money = {"rd_expense": 3, "revenue": 2}
    rows: list[Facts] = []
    for k in range(n):
        row: dict[str, Known] = {"stage": stage, "tech_field": "新材料", "founded_year": 2000.0}
        row |= {
            name: [1e6, 1e6 * (1.0 + 0.01 * k) ** (2 + (name == "rd_expense"))] for name in money
        }
        row |= {"staff_total": 100.0, "tech_staff": 1.0 + k, "net_profit": 1e4 * k}
        row |= {"net_assets": 1e7, "postgraduate_share": 0.01 * k}
        for name in (
            "invention_applications", "pct_applications", "tech_contract_value",
            "ht_product_income", "rd_superdeduction_tax_saved", "graduates_hired",
            "provincial_platforms_2y", "provincial_awards_2y", "provincial_projects_2y",
            "venture_capital",
        ):  # fmt: skip
            row[name] = float(k)
        rows.append(row)
    return rows


def test_typed_in_weights_are_those_of_the_stage():
    pack = pack_of(POINTS, [WEIGHTS])
    found = evaluate(pack, fact_table(firms("startup") + firms("stable")))

    best = {path: (points.low[59], points.low[119]) for path, points in found.points.items()}
    assert best["indicators/rd_intensity"] == pytest.approx((10, 6))
    assert best["indicators/revenue"] == pytest.approx((3, 9))
    assert found.score is not None
    assert found.score.low[[59, 119]] == pytest.approx([100, 100])
    assert found.score.high[[0, 60]] == pytest.approx([0, 0])


def test_without_weights_all_eighteen_count_the_same_and_say_demo():
    found = evaluate(pack_of(POINTS), fact_table(firms("growth")))

    assert found.has_demo_weights
    assert [points.low[59] for points in found.points.values()] == pytest.approx([100 / 18] * 18)


def test_better_values_never_lower_the_points():
    found = evaluate(pack_of(POINTS, [WEIGHTS]), fact_table(firms("growth")))

    assert found.score is not None
    assert (found.score.low[1:] >= found.score.low[:-1]).all()


def test_missing_value_spans_nothing_to_the_weight():
    rows = [dict(row) for row in firms("growth")]
    del rows[59]["venture_capital"]
    found = evaluate(pack_of(POINTS, [WEIGHTS]), fact_table(rows))

    points = found.points["indicators/venture_capital"]
    assert (points.low[59], points.high[59]) == pytest.approx((0, 5))
    assert found.score is not None
    assert (found.score.low[59], found.score.high[59]) == pytest.approx((95, 100))


@pytest.mark.parametrize("profit", [-1e6, 1e6])
def test_margin_over_negative_net_assets_is_unknown(profit):
    """Neither a loss nor a profit says anything over net assets below zero."""
    rows = [dict(row) for row in firms("growth")]
    rows[30] |= {"net_profit": profit, "net_assets": -1e6}
    found = evaluate(pack_of(POINTS, [WEIGHTS]), fact_table(rows))

    points = found.points["indicators/net_asset_margin"]
    assert (points.low[30], points.high[30]) == pytest.approx((0, 4))
    assert found.flags["indicators/net_asset_margin", "zero_denominator"][30]
    remarks = explain(found, 30).finding("indicators/net_asset_margin").remarks
    assert any("negative" in each.en and "为负" in each.zh for each in remarks)


def test_margin_is_what_its_first_form_gave():
    """The pack said it by sums of quotients before the language had a word for it."""
    first = "net_profit / max(net_assets, 0) + 0 / max(net_assets, 0) - 0 / max(net_assets, 0)"
    ends = [None, -2e6, 0.0, 1.0, 3e6, (-1e6, 4e6), (0.0, 4e6), (1e6, 4e6)]
    rows = [dict(row) for row in firms("growth", 64)]
    for k, (profit, assets) in enumerate(itertools.product(ends, ends)):
        rows[k] |= {"net_profit": profit, "net_assets": assets}
    facts = fact_table(rows)
    before, now = (
        number(parse(text), Scope(facts))
        for text in (first, "over_positive(net_profit, net_assets)")
    )
    assert now.low.tolist() == before.low.tolist()
    assert now.high.tolist() == before.high.tolist()


def test_own_weights_stay_demo_weights_and_issued_ones_do_not(tmp_path):
    own = yaml.safe_load(WEIGHTS.read_text("utf-8"))
    issued = {**own, "weights": {**own["weights"], "status": "verified"}}

    assert pack_of(POINTS, [WEIGHTS]).has_demo_weights
    assert not pack_of(POINTS, [written(tmp_path, issued)]).has_demo_weights


def test_weights_that_do_not_sum_are_refused_with_their_place(tmp_path):
    own = yaml.safe_load(WEIGHTS.read_text("utf-8"))
    own["weights"]["by_stage"]["growth"]["revenue"] += 1

    with pytest.raises(InvalidInput) as refused:
        pack_of(POINTS, [written(tmp_path, own)])

    places = [fault.where for fault in refused.value.faults]
    assert [place.column for place in places] == ["weights/by_stage/growth"]
    assert [Path(place.table).name for place in places] == ["overlay.yaml"]


@pytest.mark.parametrize(
    ("share", "serves", "expected"),
    [(0.10, True, 15), (0.0999, True, 10), (0.05, False, 5), (0.0499, False, 0)],
)
def test_typed_in_features_fill_the_slot_of_the_province(share, serves, expected):
    facts: Facts = {"national_niche_share": share, "serves_chain_leader": serves}

    found = evaluate(pack_of(SRDI, [FEATURES]), fact_table([facts]))

    points = found.points["indicators/local_feature"]
    assert (points.low[0], points.high[0]) == (expected, expected)


def test_overlay_leaves_the_shipped_pack_alone():
    before = pack_of(SRDI)
    after = pack_of(SRDI, [FEATURES])

    assert pack_of(SRDI) == before
    assert [Path(overlay.file).name for overlay in after.overlays] == [FEATURES.name]
    assert (
        pack_of(SRDI, [FEATURES]).overlays[0].name.en == "Example of local features (not official)"
    )


def test_pack_is_no_draft_once_every_open_end_is_verified(tmp_path):
    """What a zone does with the issuer's text of the technology SME in hand."""
    pack = pack_of("cn.tech_sme@2017")
    verified = {"status": "verified"}
    overlay = {
        "overlay": {"id": "cn.tech_sme", "version": "2017", "name": "对照原文核对"},
        "issuer": {"text": pack.issuer, **verified},
        "document": {"text": pack.document, **verified},
        "valid": {"from": "2017-05-03", "until": None, **verified},
        "grants": {"years": 1, **verified},
        "gates": [{"id": gate.id, **verified} for gate in pack.gates],
        "direct_pass": [{"id": way.id, **verified} for way in pack.direct],
    }

    assert pack.is_draft
    assert not pack_of("cn.tech_sme@2017", [written(tmp_path, overlay)]).is_draft


def test_clause_that_was_missing_decides_once_it_is_typed_in(tmp_path):
    """An example of a clause, not the clause."""
    overlay = {
        "overlay": {"id": "cn.gz.huangpu.hk_macao_youth", "version": "2.0", "name": "示例条款"},
        "gates": [{"id": "eligible", "when": "legal_person", "status": "ours"}],
    }
    pack = pack_of("cn.gz.huangpu.hk_macao_youth@2.0", [written(tmp_path, overlay)])

    found = evaluate(pack, fact_table([{"legal_person": True}, {"legal_person": False}]))

    assert found.verdicts.tolist() == [2, 0]


@pytest.mark.parametrize("key", sorted(shipped()))
def test_nobody_passes_or_fails_a_pack_of_whom_nothing_is_known(key):
    """With no fact at all every pack that asks for something is open."""
    found = evaluate(pack_of(key), fact_table([{"revenue": (0.0, float("inf"))}]))

    asks = bool(found.pack.gates or found.pack.conditions)
    assert [VERDICTS[code] for code in found.verdicts] == (["open"] if asks else ["pass"])
