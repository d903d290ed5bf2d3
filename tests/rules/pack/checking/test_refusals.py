"""Packs that make no sense: each mistake is refused with its line, its element and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pack_builders import HERE, PACK, POINTS, SLOT, changed, faults_of, line_of

GATE = '  - {id: age, when: "months_registered >= 12", status: ours}'
FIELD = '  - {id: field, when: "tech_field in fields", status: ours}'
TOTAL = '  - {id: total, when: "score >= 20 and group.innovation > 0", status: ours}'
BANDS = """\
      - {ge: 0.2, points: 10}
      - {ge: 0.1, points: [4, 6]}
      - {otherwise: true, points: 0}
    status: ours
  - id: rights
"""
CASES = """\
      - {when: "ip_class1 >= 1", points: 10}
      - {when: "ip_class2 >= 3", points: 5}
      - {otherwise: true, points: 0}
"""
LEAST = "  - {id: least, value: 0.03, status: ours}"
PARTS = "      - {id: written, max: 4, judged: {good: 4, poor: [0, 2]}, status: ours}"
MARKS = (
    "      - {id: marks, max: 6, additive: {each: 3, cap: 6, of: [own_brand, hte_valid]}, "
    "status: ours}"
)
GROWTH = "    of: official_growth(revenue)"


def bands(*lines: str) -> str:
    """Return bands in place of those of the pack."""
    return "".join(f"      - {{{line}}}\n" for line in lines).replace(f"{HERE}}}", f"}} {HERE}") + (
        "    status: ours\n  - id: rights\n"
    )


def cases(*lines: str) -> str:
    """Return cases in place of those of the pack."""
    return "".join(f"      - {{{line}}}\n" for line in lines).replace(f"{HERE}}}", f"}} {HERE}")


def gate(condition: str) -> tuple[str, str]:
    """Return a gate in place of the first one."""
    return GATE, f'  - {{id: age, when: "{condition}", status: ours}} {HERE}'


ORDER = ("ge and gt from large to small", "ge、gt 由大到小")
DIRECTION = ("one direction for all bands", "同一方向")
OTHERWISE = ("Add a last one with otherwise: true", "{otherwise: true}")
SUMS = ("Correct points, max, cap or points.total", "改正分值、max、cap 或 points.total")
POINTS_OR_MAX = ("Correct the points or max", "改正分值或 max")
LOOK_UP = ("Look up what kind of fact", "核对事实的类型")
MEANT = ("Did you mean", "您是否指")
KINDS = "gates/age/when"
G, R = "indicators/growth/bands", "indicators/rights/cases"

MISTAKES = {
    # bands and cases
    "bands_out_of_order": (
        BANDS, bands("ge: 0.1, points: 4", "ge: 0.2, points: 10#!", "otherwise: true, points: 0"),
        "E933", f"{G}/1", ORDER,
    ),
    "band_twice": (
        BANDS, bands("ge: 0.2, points: 10", "ge: 0.2, points: 4#!", "otherwise: true, points: 0"),
        "E933", f"{G}/1", ORDER,
    ),
    "band_after_otherwise": (
        BANDS, bands("ge: 0.2, points: 10", "otherwise: true, points: 0", "ge: 0.1, points: 4#!"),
        "E933", f"{G}/2", ORDER,
    ),
    "otherwise_without_rest": (
        BANDS, bands("ge: 0.2, points: 10", "lt: 0.2, points: 1", "otherwise: true, points: 0#!"),
        "E933", f"{G}/2", ORDER,
    ),
    "lower_bands_out_of_order": (
        BANDS, bands("le: 0.2, points: 10", "lt: 0.2, points: 4#!", "otherwise: true, points: 0"),
        "E933", f"{G}/1", ORDER,
    ),
    "bands_of_two_directions_overlap": (
        BANDS, bands("ge: 0.1, points: 10", "le: 0.3, points: 4#!"), "E934", f"{G}/1", DIRECTION,
    ),
    "no_otherwise": (
        BANDS, bands("ge: 0.2, points: 10", "ge: 0.1, points: 4#!"), "E935", f"{G}/1", OTHERWISE,
    ),
    "bound_in_no_band": (
        BANDS, bands("gt: 0.2, points: 10", "lt: 0.2, points: 4#!"), "E935", f"{G}/1", OTHERWISE,
    ),
    "case_after_a_wider_one": (
        CASES, cases(
            'when: "ip_class1 >= 1", points: 10', 'when: "ip_class1 >= 2", points: 5#!',
            "otherwise: true, points: 0",
        ), "E933", f"{R}/1", ORDER,
    ),
    "case_of_a_number_within_a_wider_one": (
        CASES, cases(
            'when: "ip_class1 >= 1", points: 10', 'when: "ip_class1 == 3", points: 5#!',
            "otherwise: true, points: 0",
        ), "E933", f"{R}/1", ORDER,
    ),
    "case_with_more_conditions_than_an_earlier_one": (
        CASES, cases(
            'when: "ip_class1 >= 1", points: 10',
            'when: "own_brand and ip_class1 > 1", points: 5#!',
            "otherwise: true, points: 0",
        ), "E933", f"{R}/1", ORDER,
    ),
    "case_twice": (
        CASES, cases(
            'when: own_brand, points: 10', 'when: own_brand, points: 5#!',
            "otherwise: true, points: 0",
        ), "E933", f"{R}/1", ORDER,
    ),
    "cases_without_otherwise": (
        CASES, cases('when: "ip_class1 >= 1", points: 10', 'when: own_brand, points: 5#!'),
        "E935", f"{R}/1", OTHERWISE,
    ),
    "value_bands_without_otherwise": (
        LEAST, "  - {id: least, of: revenue, bands: [{le: 5e7, value: 0.05}], status: ours} #!",
        "E935", "definitions/least/bands/0", OTHERWISE,
    ),
    # points
    "band_above_the_maximum": (
        BANDS, bands("ge: 0.2, points: [10, 11]#!", "otherwise: true, points: 0"),
        "E936", f"{G}/0", POINTS_OR_MAX,
    ),
    "ends_swapped": (
        BANDS, bands(
            "ge: 0.2, points: 10", "ge: 0.1, points: [6, 4]#!", "otherwise: true, points: 0"
        ), "E936", f"{G}/1", POINTS_OR_MAX,
    ),
    "level_above_the_maximum": (
        PARTS, PARTS.replace("good: 4", "good: 5") + HERE, "E936",
        "indicators/plan/written/judged/good", POINTS_OR_MAX,
    ),
    "cap_above_the_maximum": (
        MARKS, MARKS.replace("cap: 6", "cap: 7") + HERE, "E936",
        "indicators/plan/marks/additive/cap", POINTS_OR_MAX,
    ),
    "fractions_in_a_pack_of_whole_points": (
        BANDS, bands(
            "ge: 0.2, points: 10", "ge: 0.1, points: 4.5#!", "otherwise: true, points: 0"
        ), "E929", f"{G}/1", ("points.integer is true", "points.integer 为 true"),
    ),
    "parts_do_not_sum": (
        PARTS, PARTS.replace("max: 4", "max: 5"), "E937", "indicators/plan/parts", SUMS,
    ),
    "total_does_not_sum": (
        "total: 30, integer", "total: 40, integer", "E937", "points/total", SUMS,
    ),
    # names and kinds
    "unknown_fact": (
        *gate("month_registered >= 12"), "E909", KINDS,
        ("Did you mean: months_registered", "months_registered"),
    ),
    "unknown_definition": (
        FIELD, '  - {id: field, when: "tech_field in field_list", status: ours} #!', "E909",
        "gates/field/when", MEANT,
    ),
    "unknown_group_of_an_indicator": (
        "    group: innovation\n", "    group: inovation\n", "E932", "indicators/growth/group",
        ("Did you mean: innovation", "您是否指：innovation"),
    ),
    "unknown_group_in_a_pass_condition": (
        TOTAL, TOTAL.replace("group.innovation", "group.inovation") + HERE, "E909",
        "pass/total/when", ("Did you mean: group.innovation", "group.innovation"),
    ),
    "unknown_indicator_in_a_pass_condition": (
        TOTAL, TOTAL.replace("group.innovation", "indicator.groth") + HERE, "E909",
        "pass/total/when", ("Did you mean: indicator.growth", "indicator.growth"),
    ),
    "number_where_a_condition_belongs": (*gate("revenue"), "E940", KINDS, LOOK_UP),
    "condition_where_a_number_belongs": (*gate("hte_valid >= 1"), "E940", KINDS, LOOK_UP),
    "choice_compared_with_a_number": (*gate("tech_field >= 1"), "E940", KINDS, LOOK_UP),
    "number_taken_for_a_choice": (*gate("revenue in fields"), "E940", KINDS, LOOK_UP),
    "list_that_is_none": (*gate("tech_field in least"), "E940", KINDS, LOOK_UP),
    "list_in_arithmetic": (*gate("revenue > fields"), "E940", KINDS, LOOK_UP),
    "condition_as_value_of_bands": (
        GROWTH, "    of: hte_valid #!", "E940", "indicators/growth/of", LOOK_UP,
    ),
    "number_as_condition_of_points": (
        MARKS, MARKS.replace("own_brand", "revenue") + HERE, "E940",
        "indicators/plan/marks/additive/of/0", LOOK_UP,
    ),
    "year_of_what_has_none": (*gate("digital_level[-1] >= 2"), "E940", KINDS, LOOK_UP),
    "growth_of_what_has_no_years": (
        GROWTH, "    of: official_growth(digital_level) #!", "E940", "indicators/growth/of",
        LOOK_UP,
    ),
    "choice_never_so": (
        *gate("tech_field == 纳米"), "E941", KINDS, ("it is one of: ", "可选：电子信息"),
    ),
    "listed_choice_never_so": (
        *gate("rd_institution_level in [natoinal, city]"), "E941", KINDS,
        ("Did you mean: national", "您是否指：national"),
    ),
    "score_in_a_gate": (
        *gate("score > 10"), "E942", KINDS, ("move the condition to pass", "移到 pass 中"),
    ),
    "group_without_members": (
        "    group: innovation\n", "", "E942", "pass/total/when",
        ("Use facts instead", "改用事实"),
    ),
    "number_equal_to_a_condition": (*gate("revenue == hte_valid"), "E940", KINDS, LOOK_UP),
    "condition_equal_to_a_number": (*gate("hte_valid == revenue"), "E940", KINDS, LOOK_UP),
    "rule_in_words_as_a_number": (
        LEAST, '  - {id: least, status: ours}\n'
        '  - {id: most, value: "least + 1", status: ours} #!', "E940", "definitions/most/value",
        LOOK_UP,
    ),
    "definition_of_a_condition_as_a_number": (
        LEAST, '  - {id: least, value: alike, status: ours}\n'
        '  - {id: alike, value: hte_valid, status: ours}\n'
        '  - {id: most, value: "least + 1", status: ours} #!', "E940", "definitions/most/value",
        LOOK_UP,
    ),
    "year_of_a_definition_by_bands": (
        LEAST, "  - {id: least, of: revenue, bands: [{otherwise: true, value: 1}], status: ours}\n"
        '  - {id: most, value: "least[-1]", status: ours} #!', "E940", "definitions/most/value",
        LOOK_UP,
    ),
    "year_of_a_definition_without_years": (
        LEAST, '  - {id: least, value: "digital_level + 1", status: ours}\n'
        '  - {id: most, value: "least[-1]", status: ours} #!', "E940", "definitions/most/value",
        LOOK_UP,
    ),
    "growth_of_a_sum_without_years": (
        GROWTH, "    of: official_growth(revenue + digital_level) #!", "E940",
        "indicators/growth/of", LOOK_UP,
    ),
    "cycle_of_definitions_by_bands": (
        LEAST, "  - {id: least, of: most, bands: [{otherwise: true, value: 1}], status: ours} #!\n"
        "  - {id: most, value: least, status: ours}", "E912", "definitions/least/value",
        ("Rewrite one of them", "改写其中一个"),
    ),
    "missing_definition_that_says_something": (
        LEAST, LEAST.replace("ours", "missing") + HERE, "E948", "definitions/least/status",
        ("Remove what it says", "删除内容"),
    ),
    "parts_capped_above_the_maximum": (
        "    status: ours\n    parts:", "    status: ours\n    cap: 12 #!\n    parts:", "E936",
        "indicators/plan/cap", POINTS_OR_MAX,
    ),
    "unknown_fact_taken_for_a_choice": (
        *gate("filed in [a, b]"), "E909", KINDS, ("Did you mean", "您是否指"),
    ),
    "definition_of_a_comparison_as_a_number": (
        LEAST, '  - {id: least, value: "revenue > 1", status: ours}\n'
        '  - {id: most, value: "least + 1", status: ours} #!', "E940", "definitions/most/value",
        LOOK_UP,
    ),
    "cycle_of_bare_names": (
        LEAST, "  - {id: least, value: most, status: ours} #!\n"
        "  - {id: most, value: least, status: ours}", "E912", "definitions/least/value",
        ("Rewrite one of them", "改写其中一个"),
    ),
    "unknown_fact_equal_to_something": (
        *gate("filed == own"), "E909", KINDS, ("Did you mean", "您是否指"),
    ),
    "cycle_of_definitions": (
        LEAST, "  - {id: least, value: most + 1, status: ours} #!\n"
        "  - {id: most, value: least - 1, status: ours}", "E912", "definitions/least/value",
        ("Rewrite one of them", "改写其中一个"),
    ),
    "definition_by_itself": (
        LEAST, "  - {id: least, value: least + 1, status: ours} #!", "E912",
        "definitions/least/value", ("Rewrite one of them", "改写其中一个"),
    ),
    "definition_that_hides_a_fact": (
        LEAST, "  - {id: revenue, value: 3, status: ours} #!", "E930", "definitions/revenue/id",
        ("Choose another id", "换一个编号"),
    ),
    "definition_that_hides_a_word": (
        LEAST, "  - {id: mean, value: 3, status: ours} #!", "E930", "definitions/mean/id",
        ("Choose another id", "换一个编号"),
    ),
    # provenance and validity
    "ends_before_it_begins": (
        "until: 2030-12-31", "until: 2010-12-31", "E929", "valid/until",
        ("not before from (2020-01-01)", "不早于 from（2020-01-01）"),
    ),
    "missing_that_says_something": (
        GATE, GATE.replace("status: ours", "status: missing") + HERE, "E948", "gates/age/status",
        ("Remove what it says", "删除内容"),
    ),
    "missing_numbers_that_are_there": (
        PARTS, PARTS.replace("status: ours", "status: ours, numbers: missing") + HERE, "E948",
        "indicators/plan/written/numbers", ("Remove what it says", "删除内容"),
    ),
    # the language of rules itself
    "expression_that_cannot_be_read": (*gate("revenue >="), "E901", KINDS, ("Check", "检查")),
    "function_that_is_none": (*gate("average(revenue) > 1"), "E903", KINDS, ("mean", "mean")),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_refused_with_its_line_and_remedy(name: str, tmp_path: Path) -> None:
    old, new, code, path, (remedy, remedy_zh) = MISTAKES[name]
    text = changed(old, new)
    errors = [one for one in faults_of(tmp_path, text) if not one.is_warning]
    found = [one for one in errors if one.where.column == path]
    assert [one.code for one in found] == [code]
    assert found[0].where.table == str(tmp_path / "pack.yaml")
    assert found[0].where.row == line_of(text, HERE if HERE in text else new or TOTAL)
    assert remedy in found[0].in_language("en")
    assert remedy_zh in found[0].in_language("zh")


def test_value_of_a_list_that_the_fact_never_has_is_refused_where_it_is_used(
    tmp_path: Path,
) -> None:
    text = changed("choices: [电子信息, 新材料]", "choices: [电子信息, 新材]")
    (found,) = faults_of(tmp_path, text)
    assert (found.code, found.where.row) == ("E941", line_of(text, FIELD))
    assert "Did you mean: 新材料" in found.hint.en
    assert "您是否指：新材料" in found.hint.zh


CHAINS = {
    "deep": [(k, f"d{k + 1}") for k in range(21)],
    "much": [(k, f"d{k + 1} + d{k + 2}") for k in range(19)],
    "endless": [(k, f"d{k + 1}") for k in range(1500)],
}


@pytest.mark.parametrize("name", CHAINS)
def test_definitions_that_unfold_to_too_much_are_refused(name: str, tmp_path: Path) -> None:
    chain = CHAINS[name]
    ends = [(len(chain), "revenue"), (len(chain) + 1, "revenue")]
    lines = [f"  - {{id: d{k}, value: {value}, status: ours}}\n" for k, value in chain + ends]
    found = faults_of(tmp_path, changed("definitions:\n", "definitions:\n" + "".join(lines)))
    assert {one.code for one in found} == {"E931"}
    assert (found[0].where.column, found[0].where.row) == ("definitions/d0/value", 8)
    assert "at most 20" in found[0].hint.en
    assert "至多 20 层" in found[0].hint.zh


def test_definitions_up_to_the_bound_are_read(tmp_path: Path) -> None:
    lines = [f"  - {{id: d{k}, value: d{k + 1}, status: ours}}\n" for k in range(19)]
    lines.append("  - {id: d19, value: revenue, status: ours}\n")
    text = changed("definitions:\n", "definitions:\n" + "".join(lines))
    assert faults_of(tmp_path, changed("months_registered >= 12", "d0 >= 12", text)) == []


OPTIONS = """\
  - id: rights
    max: 10
    combine: max
    options:
      - {id: a, max: 9, formula: ip_class1, status: ours}
      - {id: b, max: 8, formula: ip_class2, status: ours}
    status: ours
  - id: plan
"""


def test_options_that_never_give_the_maximum_are_refused(tmp_path: Path) -> None:
    start, end = PACK.index("  - id: rights"), PACK.index("  - id: plan\n") + len("  - id: plan\n")
    (found,) = faults_of(tmp_path, PACK[:start] + OPTIONS + PACK[end:])
    assert (found.code, found.where.column) == ("E937", "indicators/rights/options")
    assert "9" in found.message.en
    assert "10" in found.message.zh


def test_maximum_that_no_band_gives_is_a_warning(tmp_path: Path) -> None:
    (found,) = faults_of(tmp_path, changed("{ge: 0.2, points: 10}", "{ge: 0.2, points: 9}"))
    assert (found.code, found.is_warning) == ("E937", True)


def test_cap_makes_up_for_parts_that_give_more(tmp_path: Path) -> None:
    text = changed(PARTS, PARTS.replace("max: 4", "max: 8").replace("good: 4", "good: 8"))
    assert (
        faults_of(
            tmp_path,
            changed(
                "    max: 10\n    status: ours\n    parts:",
                "    max: 10\n    cap: 10\n    status: ours\n    parts:",
                text,
            ),
        )
        == []
    )


def test_bonus_part_does_not_count_in_the_sum(tmp_path: Path) -> None:
    extra = PARTS.replace("written", "extra").replace("status", "bonus: true, status")
    assert faults_of(tmp_path, changed(PARTS, f"{PARTS}\n{extra}")) == []


def test_pack_without_indicators_has_no_score(tmp_path: Path) -> None:
    start, end = PACK.index("indicators:"), PACK.index("pass:")
    text = PACK[:start] + PACK[end:].replace(" and group.innovation > 0", "")
    found = [one for one in faults_of(tmp_path, text) if one.code == "E942"]
    assert [one.where.column for one in found] == ["pass/total/when"]
    assert "no points" in found[0].message.en
    assert "不计分" in found[0].message.zh


def test_direct_pass_is_a_result_only_where_there_is_one(tmp_path: Path) -> None:
    text = changed("score >= 20", "direct_pass")
    assert faults_of(tmp_path, text) == []
    alone = text[: text.index("direct_pass:\n")]
    assert [one.code for one in faults_of(tmp_path, alone)] == ["E942"]


WEIGHTS = {
    "sum": ("{spend: 45, share: 45}", "{spend: 45, share: 46}", "E938", "weights/by_stage/growth"),
    "unknown": (
        "{spend: 50, share: 40}", "{spend: 50, share: 40, shares: 0}", "E932",
        "weights/by_stage/startup/shares",
    ),
    "own_points": (
        "{spend: 50, share: 40}", "{spend: 50, share: 30, title: 10}", "E932",
        "weights/by_stage/startup/title",
    ),
    "without": ("{spend: 40, share: 50}", "{share: 90}", "E938", "weights/by_stage/stable"),
    "stage": ("    startup:", "    start:", "E941", "weights/by_stage/start"),
    "peers": ("stage: stage", "stage: stag", "E909", "peers/stage"),
    "peers_of_a_number": ("field: tech_field", "field: revenue", "E940", "peers/field"),
}  # fmt: skip


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_and_peers_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    old, new, code, path = WEIGHTS[name]
    text = changed(old, new, POINTS)
    found = [one for one in faults_of(tmp_path, text) if one.where.column == path]
    assert [one.code for one in found] == [code]
    assert found[0].hint.zh
    assert found[0].hint.en
    assert found[0].where.row == line_of(text, new)


def test_percentile_below_an_indicator_needs_a_maximum(tmp_path: Path) -> None:
    part = "{id: mine, percentile: {of: revenue}, status: ours}"
    text = changed("least: 1, most: 2", f"least: 1, most: 2, parts: [{part}]", SLOT)
    found = next(one for one in faults_of(tmp_path, text) if one.code == "E925")
    assert (found.where.column, found.where.row) == ("indicators/local_feature/mine", 7)
    assert "Add max (Most points)" in found.hint.en
    assert "补上 max（最高分）" in found.hint.zh
    assert faults_of(tmp_path, text.replace("id: mine,", "id: mine, max: 15,")) == []


def test_points_of_percentiles_without_weights_sum_to_the_total(tmp_path: Path) -> None:
    text = POINTS[: POINTS.index("weights:")]
    assert faults_of(tmp_path, text) == []
    more = changed("    max: 10\n", "    max: 110\n", text)
    more = changed("{when: hte_valid, points: 10}", "{when: hte_valid, points: 110}", more)
    (found,) = faults_of(tmp_path, more)
    assert (found.code, found.where.column, found.where.row) == ("E937", "points/total", 5)


FILLED = "extension: {filled_by: province, least: 1, most: 2, parts: [%s]}"
LOCAL = "{id: %s, max: %s, formula: ip_class1, status: ours}"


@pytest.mark.parametrize(
    ("maxima", "codes"),
    [
        ((15,), []), ((10, 5), []), ((10,), ["E937"]), ((5, 5, 5), ["E929"]),
        ((10, 6), ["E937"]),
    ],
)  # fmt: skip
def test_slot_is_filled_with_as_many_indicators_and_points_as_it_has(
    maxima: tuple[int, ...], codes: list[str], tmp_path: Path
) -> None:
    parts = ", ".join(LOCAL % (f"local_{place}", most) for place, most in enumerate(maxima))
    slot = "extension: {filled_by: province, least: 1, most: 2}"
    text = changed(slot, FILLED % parts, SLOT)
    assert [one.code for one in faults_of(tmp_path, text)] == codes


def test_slot_of_fewer_than_it_needs_is_refused(tmp_path: Path) -> None:
    text = changed("least: 1, most: 2", "least: 3, most: 2", SLOT)
    (found,) = faults_of(tmp_path, text)
    assert (found.code, found.where.column) == ("E929", "indicators/local_feature/extension")
