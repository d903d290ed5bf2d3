"""Packs as they are read."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import (
    Banded,
    Missing,
    PackKind,
    Percentile,
    Provenance,
    Side,
    Subject,
    Transform,
)
from jicheng.rules.pack.reading import inspect_pack, read_pack
from pack_builders import PACK, POINTS, changed, written


def test_head_is_read(tmp_path: Path) -> None:
    pack = read_pack(written(tmp_path, PACK))
    assert (pack.key, pack.name.zh, pack.name.en) == ("test.pack@1", "规则", "Rules")
    assert (pack.kind, pack.subject) == (PackKind.QUALIFICATION, Subject.ORGANISATION)
    assert (pack.valid_from, pack.valid_until) == (
        datetime.date(2020, 1, 1), datetime.date(2030, 12, 31),
    )  # fmt: skip
    assert (pack.total, pack.is_integer, pack.allows_local) == (30, True, False)
    assert pack.head == {"valid": Provenance.OURS, "points": Provenance.OURS}


def test_elements_know_path_and_line(tmp_path: Path) -> None:
    pack = read_pack(written(tmp_path, PACK))
    lines = {one.path: one.line for one in pack.elements()}
    assert lines["gates/age"] == 13
    assert lines["indicators/plan/written"] == 36
    assert lines["conditions/total"] == 39
    assert lines["direct/hte"] == 41


def test_bands_keep_their_side_and_line(tmp_path: Path) -> None:
    rule = read_pack(written(tmp_path, PACK)).indicators[0].rule
    assert isinstance(rule, Banded)
    assert [(one.side, one.low, one.high, one.line) for one in rule.bands] == [
        (Side.AT_LEAST, 10, 10, 21), (Side.AT_LEAST, 4, 6, 22), (Side.OTHERWISE, 0, 0, 23),
    ]  # fmt: skip


def test_text_written_once_serves_for_both_languages(tmp_path: Path) -> None:
    pack = read_pack(written(tmp_path, changed("name: {zh: 规则, en: Rules}", "name: 规则")))
    assert pack.name.en == pack.name.zh == "规则"


def test_name_defaults_to_the_id(tmp_path: Path) -> None:
    assert read_pack(written(tmp_path, PACK)).gates[0].name.en == "age"


def test_status_of_figures_defaults_to_that_of_the_element(tmp_path: Path) -> None:
    text = changed("    group: innovation", "    group: innovation\n    numbers: unverified")
    growth, rights, _ = read_pack(written(tmp_path, text)).indicators
    assert (growth.status, growth.numbers) == (Provenance.OURS, Provenance.UNVERIFIED)
    assert rights.numbers is Provenance.OURS


def test_indicator_without_figures_is_missing_and_the_pack_a_draft(tmp_path: Path) -> None:
    form = PACK[PACK.index("    cases:") : PACK.index("    status: ours\n  - id: plan")]
    pack = read_pack(written(tmp_path, changed(form, "    numbers: missing\n")))
    assert isinstance(pack.indicators[1].rule, Missing)
    assert pack.indicators[1].max == 10
    assert pack.is_draft


def test_largest_weight_is_the_maximum_of_a_percentile(tmp_path: Path) -> None:
    pack = read_pack(written(tmp_path, POINTS))
    assert [one.max for one in pack.indicators] == [50, 50, 10]
    assert [one.rule.transform for one in pack.indicators if isinstance(one.rule, Percentile)] == [
        Transform.LOG, Transform.IDENTITY,
    ]  # fmt: skip


def test_percentiles_share_what_is_left_where_weights_are_missing(tmp_path: Path) -> None:
    start = POINTS.index("weights:")
    pack = read_pack(written(tmp_path, POINTS[:start] + "weights: {status: missing}\n"))
    assert [one.max for one in pack.indicators] == [45, 45, 10]
    assert pack.has_demo_weights


def test_own_weights_are_demo_weights(tmp_path: Path) -> None:
    assert read_pack(written(tmp_path, POINTS)).has_demo_weights


def test_pack_with_an_error_is_refused_whole(tmp_path: Path) -> None:
    text = changed("months_registered >= 12", "month_registered >= 12 and revenu > 1")
    with pytest.raises(InvalidInput) as caught:
        read_pack(written(tmp_path, text))
    assert [one.code for one in caught.value.faults] == ["E909", "E909"]


def test_warning_refuses_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, changed("{ge: 0.2, points: 10}", "{ge: 0.2, points: 9}"))
    assert read_pack(path).key == "test.pack@1"
    found = inspect_pack(path)
    assert found.is_sound
    assert len(found.faults) == 1
