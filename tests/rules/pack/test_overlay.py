"""Overlays fill or override elements; what does not fit is refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import Banded, Cases, Extension, Pack, Provenance
from jicheng.rules.pack.reading import inspect_pack, read_pack
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.pack.tree import read_tree
from pack_builders import PACK, POINTS, SLOT, changed, faults_of, line_of, written

HEAD = 'overlay: {id: test.pack, version: "1", name: {zh: 本市, en: The city}}\n'
HEAD_POINTS = HEAD.replace("test.pack", "test.points")
HEAD_SLOT = HEAD.replace("test.pack", "test.slot")


@pytest.fixture
def overlaid(tmp_path: Path) -> Callable[..., Pack]:
    """Read a pack with overlays."""

    def overlaid(base: str, *overlays: str) -> Pack:
        path = written(tmp_path, base)
        more = [written(tmp_path, each, f"o{place}.yaml") for place, each in enumerate(overlays)]
        return read_pack(path, overlays=more)

    return overlaid


def bare(value: Any) -> Any:
    """Return an element without file and line, to compare what it says."""
    if isinstance(value, tuple):
        return tuple(bare(one) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    kept = {
        name: bare(getattr(value, name))
        for name in value.__dataclass_fields__
        if name not in ("line", "file", "overlays", "root", "where")
    }
    return type(value).__name__, kept


@pytest.mark.parametrize("key", list(shipped()))
def test_overlay_of_everything_a_pack_says_changes_nothing(key: str, tmp_path: Path) -> None:
    plain = read_tree(shipped()[key]).plain()
    head = {name: plain.pop(name) for name in ("id", "version", "name")}
    for name in ("kind", "subject", "jurisdiction", "note", "sources"):
        plain.pop(name, None)
    text = yaml.safe_dump({"overlay": head, **plain}, allow_unicode=True, sort_keys=False)
    overlay = written(tmp_path, text, "overlay.yaml")
    pack = pack_of(key)
    again = pack_of(key, [overlay])
    assert bare(again) == bare(pack)
    files = {one.file for one in again.elements()}
    assert files <= {str(overlay)}
    assert [one.file for one in again.overlays] == [str(overlay)]


def test_overlay_that_says_nothing_changes_nothing(overlaid: Callable[..., Pack]) -> None:
    assert bare(overlaid(PACK, HEAD)) == bare(overlaid(PACK))


def test_bands_are_replaced_and_name_their_file(overlaid: Callable[..., Pack]) -> None:
    pack = overlaid(PACK, HEAD + """\
indicators:
  - id: growth
    status: verified
    bands:
      - {ge: 0.3, points: 10}
      - {otherwise: true, points: 0}
""")  # fmt: skip
    growth = pack.indicators[0]
    assert isinstance(growth.rule, Banded)
    assert growth.rule.bands[0].bound == 0.3
    assert [band.line for band in growth.rule.bands] == [6, 7]
    assert growth.rule.of.text == "official_growth(revenue)"
    assert (growth.max, growth.group, growth.status) == (10, "innovation", Provenance.VERIFIED)
    assert growth.file.endswith("o0.yaml")
    assert growth.line == 3
    assert pack.indicators[1].file.endswith("pack.yaml")


def test_another_form_replaces_the_old_one(overlaid: Callable[..., Pack]) -> None:
    pack = overlaid(PACK, HEAD + """\
indicators:
  - id: growth
    status: ours
    cases: [{when: own_brand, points: 10}, {otherwise: true, points: 0}]
""")  # fmt: skip
    assert isinstance(pack.indicators[0].rule, Cases)


def test_new_figures_have_the_status_of_their_own(overlaid: Callable[..., Pack]) -> None:
    doubted = changed("group: innovation", "group: innovation\n    numbers: unverified")
    bands = "[{ge: 0.3, points: 10}, {otherwise: true, points: 0}]"
    change = f"indicators: [{{id: growth, status: verified, bands: {bands}}}]"
    assert overlaid(doubted).indicators[0].numbers is Provenance.UNVERIFIED
    assert overlaid(doubted, HEAD + change).indicators[0].numbers is Provenance.VERIFIED


def test_status_alone_leaves_doubt_about_the_figures(overlaid: Callable[..., Pack]) -> None:
    doubted = changed("group: innovation", "group: innovation\n    numbers: unverified")
    pack = overlaid(doubted, HEAD + "indicators: [{id: growth, status: verified}]")
    assert pack.indicators[0].numbers is Provenance.UNVERIFIED


def test_part_is_changed_by_its_path(overlaid: Callable[..., Pack]) -> None:
    pack = overlaid(PACK, HEAD + """\
indicators:
  - id: plan
    status: ours
    parts: [{id: written, status: verified, judged: {good: [3, 4], poor: 0}}]
""")  # fmt: skip
    written_plan, marks = pack.indicators[2].below
    assert (written_plan.status, marks.status) == (Provenance.VERIFIED, Provenance.OURS)
    assert written_plan.rule.levels == (("good", 3, 4), ("poor", 0, 0))


def test_missing_gate_is_filled(overlaid: Callable[..., Pack]) -> None:
    open_gate = changed('when: "months_registered >= 12", status: ours', "status: missing")
    assert overlaid(open_gate).is_draft
    filled = (
        HEAD
        + "gates: [{id: age, status: verified, any_of: [{id: a, when: hte_valid, status: ours}]}]"
    )
    pack = overlaid(open_gate, filled)
    assert pack.gates[0].any_of[0].path == "gates/age/a"
    assert not pack.is_draft


def test_slot_is_filled(overlaid: Callable[..., Pack]) -> None:
    pack = overlaid(SLOT, HEAD_SLOT + """\
indicators:
  - id: local_feature
    status: verified
    extension:
      parts:
        - {id: exports, max: 10, formula: ip_class1, status: verified}
        - {id: brand, max: 5, formula: ip_class2, status: verified}
""")  # fmt: skip
    rule = pack.indicators[0].rule
    assert isinstance(rule, Extension)
    assert [part.path for part in rule.parts] == [
        "indicators/local_feature/exports", "indicators/local_feature/brand",
    ]  # fmt: skip


def test_weights_are_replaced_whole(overlaid: Callable[..., Pack]) -> None:
    pack = overlaid(POINTS, HEAD_POINTS + """\
weights: {by_stage: {startup: {spend: 60, share: 30}}, status: verified}
""")  # fmt: skip
    assert pack.weights is not None
    assert pack.weights.by_stage == {"startup": {"spend": 60, "share": 30}}
    assert not pack.has_demo_weights


def test_official_weights_end_demo_weights(overlaid: Callable[..., Pack]) -> None:
    start, end = (
        POINTS.index("weights:"),
        POINTS.index("  status: ours\n", POINTS.index("weights:")),
    )
    unweighed = POINTS[:start] + "weights: {status: missing}\n" + POINTS[end + 15 :]
    assert overlaid(unweighed).has_demo_weights
    weights = "weights: {by_stage: {startup: {spend: 60, share: 30}}, status: verified}"
    assert not overlaid(unweighed, HEAD_POINTS + weights).has_demo_weights


def test_local_indicator_is_added_where_the_pack_lets_it(overlaid: Callable[..., Pack]) -> None:
    pack = overlaid(POINTS, HEAD_POINTS + """\
points: {total: 130, status: verified}
indicators: [{id: marine, max: 30, formula: ip_class1, status: verified}]
""")  # fmt: skip
    assert pack.total == 130
    assert [one.id for one in pack.indicators] == ["spend", "share", "title", "marine"]
    assert pack.allows_local


def test_later_overlay_has_the_last_word(overlaid: Callable[..., Pack]) -> None:
    first = HEAD + 'gates: [{id: age, status: ours, when: "months_registered >= 24"}]'
    second = first.replace("24", "36").replace("The city", "The zone")
    pack = overlaid(PACK, first, second)
    assert pack.gates[0].when is not None
    assert pack.gates[0].when.text == "months_registered >= 36"
    assert [one.name.en for one in pack.overlays] == ["The city", "The zone"]


def test_sources_are_added(overlaid: Callable[..., Pack]) -> None:
    base = PACK + "sources: [{title: first}]\n"
    pack = overlaid(base, HEAD + "sources: [{title: second, url: u, supports: growth}]")
    assert [one.title for one in pack.sources] == ["first", "second"]


def test_definition_is_added_for_what_is_filled(overlaid: Callable[..., Pack]) -> None:
    text = (
        HEAD
        + """\
definitions:
  - id: floor_area
    status: ours
    cases: [{when: own_brand, value: 3}, {otherwise: true, value: 5}]
gates: [{id: age, status: ours, when: "months_registered >= floor_area"}]
"""
    )
    pack = overlaid(PACK, text)
    assert [one.id for one in pack.definitions] == ["fields", "least", "floor_area"]
    assert isinstance(pack.definitions[2].rule, Cases)


def test_overlay_names_its_issuer_and_document(overlaid: Callable[..., Pack]) -> None:
    head = HEAD.replace(
        "}}", "}, issuer: {text: 市科技局, status: verified}, document: {status: missing}}"
    )
    (overlay,) = overlaid(PACK, head).overlays
    assert (overlay.issuer, overlay.document) == ("市科技局", "")


REFUSED = {
    "another_pack": (
        HEAD.replace("test.pack", "test.other"), "E944", "overlay", "Take the overlay", "对应版本",
    ),
    "another_version": (
        HEAD.replace('"1"', '"2"'), "E944", "overlay", "Take the overlay", "对应版本",
    ),
    "unknown_gate": (
        HEAD + "gates:\n  - {id: aeg, status: ours} #!", "E932", "gates/aeg",
        "Did you mean: age", "您是否指：age",
    ),
    "unknown_part": (
        HEAD + "indicators:\n  - id: plan\n    status: ours\n    parts:\n"
        "      - {id: writen, status: ours} #!", "E932", "indicators/plan/writen",
        "Did you mean: written", "您是否指：written",
    ),
    "new_direct_pass": (
        HEAD + "direct_pass:\n  - {id: mine, when: own_brand, status: ours} #!", "E932",
        "direct_pass/mine", "Did you mean", "您是否指",
    ),
    "new_indicator": (
        HEAD + "indicators:\n  - {id: mine, max: 5, formula: ip_class1, status: ours} #!", "E945",
        "indicators/mine", "extension", "extension",
    ),
    "own_permission": (
        HEAD + "points:\n  total: 30\n  local: true #!\n  status: ours\n"
        "indicators:\n  - {id: mine, max: 5, formula: ip_class1, status: ours}", "E929",
        "points/local", "remove local", "删去 local",
    ),
    "no_status": (
        HEAD + "gates:\n  - {id: age, when: own_brand} #!", "E925", "gates/age", "Add status",
        "补上 status",
    ),
    "no_version": (
        "overlay: {id: test.pack, name: 本市} #!", "E925", "overlay", "Add version", "补上 version",
    ),
    "unknown_key": (
        HEAD + "gate: [] #!", "E924", "gate", "gates", "gates",
    ),
    "a_pack": (PACK, "E925", "", "Add overlay", "补上 overlay"),
    "wrong_when_merged": (
        HEAD + "indicators:\n  - id: growth\n    status: ours\n    bands:\n"
        "      - {ge: 0.3, points: 10}\n      - {ge: 0.1, points: 4} #!", "E935",
        "indicators/growth/bands/1", "otherwise: true", "otherwise: true",
    ),
    "expression_that_cannot_be_read": (
        HEAD + "gates:\n  - {id: age, when: revenue >=, status: ours} #!", "E901",
        "gates/age/when", "Check", "检查",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_overlay_that_does_not_fit_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    text, code, path, remedy, remedy_zh = REFUSED[name]
    found = [one for one in faults_of(tmp_path, PACK, (text,)) if one.where.column == path]
    assert [one.code for one in found] == [code]
    assert found[0].where.table == str(tmp_path / "overlay0.yaml")
    assert found[0].where.row == (line_of(text) if "#!" in text else 1)
    assert remedy in found[0].in_language("en")
    assert remedy_zh in found[0].in_language("zh")


def test_overlay_cannot_be_read_as_a_pack(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_pack(written(tmp_path, HEAD))
    assert "E924" in {one.code for one in caught.value.faults}


def test_pack_itself_is_left_as_it_is(overlaid: Callable[..., Pack], tmp_path: Path) -> None:
    overlaid(PACK, HEAD + "gates: [{id: age, status: ours, when: own_brand}]")
    assert (tmp_path / "pack.yaml").read_text("utf-8") == PACK
    assert bare(replace(overlaid(PACK))) == bare(read_pack(tmp_path / "pack.yaml"))


def test_condition_changed_under_its_old_name_is_called_by_what_it_says(tmp_path: Path) -> None:
    overlay = written(
        tmp_path,
        'overlay: {id: cn.tech_sme, version: "2017", name: {zh: 本市, en: The city}}\n'
        'pass: [{id: total, when: "score >= 40", status: verified}]\n'
        "indicators:\n  - id: tech_staff\n    status: verified\n"
        "    bands: [{ge: 0.2, points: 20}, {otherwise: true, points: 0}]\n",
        "overlay.yaml",
    )
    found = inspect_pack(shipped()["cn.tech_sme@2017"], overlays=[overlay])
    assert found.faults == inspect_pack(shipped()["cn.tech_sme@2017"]).faults
    total, other = pack_of("cn.tech_sme", [overlay]).conditions
    assert total.name.zh == "总分 ≥ 40（由“本市”修改）"
    assert total.name.en == "total points ≥ 40 (changed by The city)"
    assert "本市" not in other.name.zh


def test_note_about_the_old_condition_goes_with_it(tmp_path: Path) -> None:
    head = 'overlay: {id: cn.hte, version: "2016", name: {zh: 本市, en: The city}}\n'
    change = 'pass: [{id: total, when: "score >= 65", status: ours}]\n'
    (total,) = pack_of("cn.hte", [written(tmp_path, head + change, "overlay.yaml")]).conditions
    assert total.note is None  # "70 points are not enough"


def test_condition_below_another_is_called_by_what_it_says(tmp_path: Path) -> None:
    overlay = written(
        tmp_path,
        'overlay: {id: cn.srdi_sme, version: "2022", name: {zh: 本省, en: The province}}\n'
        "gates:\n  - id: rd_floor\n    status: verified\n    all_of:\n"
        '      - {id: amount, when: "rd_expense >= 2.0e6", status: ours}\n',
        "overlay.yaml",
    )
    gate = next(one for one in pack_of("cn.srdi_sme", [overlay]).gates if one.id == "rd_floor")
    assert [one.name.zh for one in (gate, *gate.all_of)] == [
        "研发费用下限", "研发费用 ≥ 200 万元（由“本省”修改）", "占营业收入不低于3%",
    ]  # fmt: skip


def test_figures_changed_under_a_name_that_tells_some_are_a_doubt(tmp_path: Path) -> None:
    overlay = written(
        tmp_path,
        'overlay: {id: cn.srdi_sme, version: "2022", name: {zh: 本省, en: The province}}\n'
        "indicators:\n  - id: main_revenue_growth\n    status: ours\n"
        "    bands: [{ge: 0.2, points: 10}, {otherwise: true, points: 0}]\n",
        "overlay.yaml",
    )
    found = inspect_pack(shipped()["cn.srdi_sme@2022"], overlays=[overlay])
    doubts = [one for one in found.faults if one.code == "E939"]
    assert [(one.where.row, one.where.column) for one in doubts] == [
        (5, "indicators/main_revenue_growth/bands")
    ]
    assert found.is_sound
    assert "name of its own" in doubts[0].in_language("en")


def test_condition_changed_under_a_name_of_its_own_is_no_doubt(tmp_path: Path) -> None:
    overlay = written(
        tmp_path,
        'overlay: {id: cn.tech_sme, version: "2017", name: {zh: 本市, en: The city}}\n'
        'pass: [{id: total, name: 至少40分, when: "score >= 40", status: verified}]\n',
        "overlay.yaml",
    )
    assert pack_of("cn.tech_sme", [overlay]).conditions[0].name.zh == "至少40分"
    found = inspect_pack(shipped()["cn.tech_sme@2017"], overlays=[overlay])
    assert "E939" not in {one.code for one in found.faults}
