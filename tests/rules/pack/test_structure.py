"""The shape of packs: each mistake is refused with its line, its element and a remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from jicheng.rules.pack.shipped import shipped
from jicheng.rules.pack.structure import _SENTENCES, schema, structure_faults
from jicheng.rules.pack.tree import compose, read_tree
from pack_builders import HERE, PACK, POINTS, SLOT, changed, faults_of, line_of

GATE = '  - {id: age, when: "months_registered >= 12", status: ours}'
BAND = "      - {ge: 0.2, points: 10}"
PART = "      - {id: written, max: 4, judged: {good: 4, poor: [0, 2]}, status: ours}"
GROWTH_FORM = "    of: official_growth(revenue)\n    bands:"

MISTAKES = {
    "unknown_key": (
        BAND, "      - {ge: 0.2, score: 10, points: 10} #!", "E924",
        "indicators/growth/bands/0/score", "points", "points",
    ),
    "unknown_key_of_the_pack": (
        "kind: qualification", "kind: qualification\ngate: [] #!", "E924", "gate", "gates", "gates",
    ),
    "no_status": (
        GATE, '  - {id: age, when: "months_registered >= 12"} #!', "E925", "gates/age",
        "Add status (How it is known", "补上 status（来源状态",
    ),
    "no_maximum": (
        "  - id: rights\n    max: 10", "  - id: rights #!", "E925", "indicators/rights",
        "Add max (Most points)", "补上 max（最高分）",
    ),
    "of_without_bands": (
        "    cases:\n", "    of: revenue #!\n    cases:\n", "E925", "indicators/rights/of",
        "Add bands", "补上 bands",
    ),
    "statement_without_text": (
        "kind: qualification", "kind: qualification\nissuer: {status: verified} #!", "E925",
        "issuer", "Add text (As it is printed)", "补上 text（原文）",
    ),
    "number_as_version": (
        'version: "1"', "version: 1 #!", "E926", "version", "put a number in quotes", "加引号",
    ),
    "text_as_bound": (
        BAND, "      - {ge: 20%, points: 10} #!", "E926", "indicators/growth/bands/0/ge",
        "It must be a number", "应为数值",
    ),
    "scalar_as_list": (
        "definitions:\n", "sources: none #!\ndefinitions:\n", "E926", "sources",
        "It must be a list", "应为列表",
    ),
    "unknown_kind": (
        "kind: qualification", "kind: qualifcation #!", "E927", "kind",
        "Did you mean qualification", "改为 qualification",
    ),
    "otherwise_is_not_true": (
        "      - {otherwise: true, points: 0}\n    status: ours\n  - id: rights",
        "      - {otherwise: yes, points: 0} #!\n    status: ours\n  - id: rights", "E927",
        "indicators/growth/bands/2/otherwise", "Choose one of: true", "可选：true",
    ),
    "two_forms": (
        PART, PART.replace("judged:", "formula: revenue, judged:") + HERE, "E928",
        "indicators/plan/written", "Write one of them", "只保留其中一种",
    ),
    "no_form": (
        PART, "      - {id: written, max: 4, status: ours} #!", "E928",
        "indicators/plan/written", "remove the others", "只保留其中一种",
    ),
    "two_sides": (
        BAND, "      - {ge: 0.2, lt: 0.5, points: 10} #!", "E928",
        "indicators/growth/bands/0", "Write one of them", "只保留其中一种",
    ),
    "gate_without_condition": (
        GATE, "  - {id: age, status: ours} #!", "E928", "gates/age", "Write one of them",
        "只保留其中一种",
    ),
    "wrong_id": (
        GATE, '  - {id: Age 1, when: "months_registered >= 12", status: ours} #!', "E929",
        "gates/Age 1/id", "Lower-case letters, digits and underscores", "小写字母、数字和下划线",
    ),
    "negative_points": (
        BAND, "      - {ge: 0.2, points: -1} #!", "E929", "indicators/growth/bands/0/points",
        "at least 0", "不小于 0",
    ),
    "three_ends": (
        BAND, "      - {ge: 0.2, points: [1, 2, 3]} #!", "E929",
        "indicators/growth/bands/0/points", "at most 2", "至多 2",
    ),
    "one_end": (
        BAND, "      - {ge: 0.2, points: [1]} #!", "E929",
        "indicators/growth/bands/0/points", "at least 2", "至少 2",
    ),
    "no_points_at_all": (
        "points: {total: 30", "points: {total: 0", "E929", "points/total", "above 0", "大于 0",
    ),
    "empty_condition": (
        GATE, '  - {id: age, when: "", status: ours} #!', "E929", "gates/age/when", "not empty",
        "不能为空",
    ),
    "endless_condition": (
        GATE, f'  - {{id: age, when: "{"a" * 2001}", status: ours}} #!', "E929", "gates/age/when",
        "at most 2000 characters", "不超过 2000 个字符",
    ),
    "empty_name": (
        "name: {zh: 规则, en: Rules}", "name: {} #!", "E929", "name", "at least 1 key",
        "至少 1 个键",
    ),
    "not_a_date": (
        "from: 2020-01-01", "from: 2020", "E926", "valid/from", "text", "文本",
    ),
    "another_form_of_date": (
        "from: 2020-01-01", "from: 2020/1/1", "E929", "valid/from", "Year-month-day", "年-月-日",
    ),
    "no_such_day": (
        "from: 2020-01-01", "from: 2020-02-30", "E943", "valid/from", "Write year-month-day",
        "按 年-月-日 填写",
    ),
    "repeated_id": (
        '  - {id: field, when: "tech_field in fields", status: ours}',
        '  - {id: age, when: "tech_field in fields", status: ours} #!', "E930", "gates/age",
        "Choose another id", "换一个编号",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_refused_with_its_line_and_remedy(name: str, tmp_path: Path) -> None:
    old, new, code, path, remedy, remedy_zh = MISTAKES[name]
    text = changed(old, new)
    found = [one for one in faults_of(tmp_path, text) if one.where.column == path]
    assert [one.code for one in found] == [code]
    where = found[0].where
    assert where.table == str(tmp_path / "pack.yaml")
    assert where.row == (line_of(text) if HERE in text else line_of(text, new))
    assert remedy in found[0].in_language("en")
    assert remedy_zh in found[0].in_language("zh")


QUANTILES = "quantiles: [0.05, 0.95]"


def test_quantile_beyond_one_is_refused(tmp_path: Path) -> None:
    text = changed(QUANTILES, "quantiles: [0.05, 95]", POINTS)
    (found,) = faults_of(tmp_path, text)
    assert (found.code, found.where.column, found.where.row) == ("E929", "peers/quantiles/1", 13)
    assert "at most 1" in found.hint.en
    assert "不大于 1" in found.hint.zh


def test_sound_packs_have_no_faults(tmp_path: Path) -> None:
    assert [faults_of(tmp_path, text) for text in (PACK, POINTS, SLOT)] == [[], [], []]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = PACK.replace("status: ours", "state: ours")
    codes = [one.code for one in faults_of(tmp_path, text)]
    assert codes.count("E924") == codes.count("E925") == text.count("state: ours")


def test_mistakes_without_end_are_told_up_to_a_limit() -> None:
    keys = "\n".join(f"key{place}: 1" for place in range(5000))
    assert len(structure_faults(compose(keys))) <= 200


@pytest.mark.parametrize("text", ["", "[]", "7", "text", "- a\n- b"])
def test_what_is_no_mapping_is_refused(text: str, tmp_path: Path) -> None:
    assert faults_of(tmp_path, text)[0].code == "E926"


@pytest.mark.parametrize("key", list(shipped()))
def test_shipped_pack_is_valid_by_the_schema_itself(key: str) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    assert list(validator.iter_errors(read_tree(shipped()[key]).plain())) == []


def test_fault_of_a_local_indicator_is_named_without_the_lists_around_it(tmp_path: Path) -> None:
    part = "parts: [{id: mine, max: 15, status: ours}]"
    text = changed("least: 1, most: 2}", f"least: 1, most: 2, {part}}}", SLOT)
    assert [one.where.column for one in faults_of(tmp_path, text)] == [
        "indicators/local_feature/mine"
    ]


@pytest.mark.parametrize("name", list(schema()["$defs"]))
def test_description_is_english_then_chinese(name: str) -> None:
    for rules in (schema()["$defs"][name], *schema()["$defs"][name].get("properties", {}).values()):
        english, _, chinese = rules.get("description", "English. 中文").rpartition(". ")
        assert re.search("[a-z]", english)
        assert not re.search("[\u4e00-\u9fff]", english)
        assert re.search("[\u4e00-\u9fff]", chinese)


def test_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def keywords(rules: Any) -> set[str]:
    """Return the keywords of a schema that can fail."""
    found: set[str] = set()
    for key, below in rules.items():
        if key in ("properties", "$defs"):
            found |= {word for each in below.values() for word in keywords(each)}
        elif key == "if":  # never fails by itself
            continue
        elif isinstance(below, dict) and key not in ("dependentRequired",):
            found |= keywords(below) | ({key} if key == "additionalProperties" else set())
        elif key in ("oneOf", "anyOf"):
            found.add(key)
        elif key == "allOf":
            found |= {word for each in below for word in keywords(each)}
        else:
            found.add(key)
    return found


def test_every_keyword_of_the_schema_has_its_sentence() -> None:
    silent = {"$schema", "$id", "$ref", "$comment", "title", "description"}
    assert keywords(schema()) - silent - set(_SENTENCES) == set()


def described(rules: Any, path: str = "") -> list[str]:
    """Return the keys of the schema without a description in both languages."""
    lacking = []
    for name, key in rules.get("properties", {}).items():
        target = key if "$ref" not in key else schema()["$defs"][key["$ref"].rsplit("/", 1)[1]]
        text = key.get("description", target.get("description", ""))
        if not (re.search("[a-z]", text) and re.search("[\u4e00-\u9fff]", text)):
            lacking.append(f"{path}/{name}")
    return lacking


def test_every_key_of_the_schema_is_described_in_both_languages() -> None:
    lacking = [one for name, rules in schema()["$defs"].items() for one in described(rules, name)]
    assert lacking == []
