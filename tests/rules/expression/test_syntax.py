"""What the language has, and what it refuses: with place and remedy, in both languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_builders import condition_texts, number_texts
from jicheng.errors import InvalidInput, Where
from jicheng.rules.expression.nodes import (
    And,
    Comparison,
    Literal,
    Matches,
    Membership,
    Name,
    Not,
    Or,
    Relation,
)
from jicheng.rules.expression.syntax import Expression, parse

PLACE = Where(table="cn.hte.2016.yaml", row=7, column="gates/age")


def refused(text: str, *, where: Where | None = None):
    with pytest.raises(InvalidInput) as raised:
        parse(text, where=where)
    (found,) = raised.value.faults
    return found


HOSTILE = {
    "dunder name": ("__import__", "E902"),
    "dunder call": ("__import__('os').system('rm -rf /')", "E903"),
    "dunder attribute": ("revenue.__class__ > 1", "E902"),
    "attribute of a call": ("min(a, b).real > 1", "E902"),
    "attribute of a text": ("'a'.join > 1", "E902"),
    "unknown function": ("eval('1')", "E903"),
    "method": ("revenue.sum()", "E903"),
    "called result": ("sum(x, 3)(1)", "E903"),
    "huge power": ("9 ** 9 ** 9 ** 9 > 1", "E902"),
    "remainder": ("x % 2", "E902"),
    "whole division": ("x // 2", "E902"),
    "shift": ("1 << 100000", "E902"),
    "matrix": ("x @ y", "E902"),
    "complement": ("~x", "E902"),
    "lambda": ("lambda: 0", "E902"),
    "choice of two": ("1 if p else 2", "E902"),
    "comprehension": ("[i for i in x]", "E902"),
    "generator": ("sum(i for i in x)", "E904"),
    "walrus": ("(x := 3)", "E902"),
    "format": ("f'{x}'", "E902"),
    "text": ("'text'", "E902"),
    "bytes": ("b'1' < 2", "E902"),
    "constant": ("x == True", "E902"),
    "nothing": ("None", "E902"),
    "dots": ("...", "E902"),
    "imaginary": ("1j", "E902"),
    "dictionary": ("{1: 2}", "E902"),
    "list": ("[1, 2]", "E902"),
    "tuple": ("x, y", "E902"),
    "star": ("min(*x)", "E904"),
    "identity": ("x is y", "E902"),
    "slice": ("x[0:2]", "E907"),
    "yield": ("(yield)", "E902"),
    "statement": ("x = 1", "E901"),
    "two lines": ("x\nimport os", "E901"),
    "null byte": ("x\0", "E901"),
    "brackets": ("((x", "E901"),
    "full-width": ("x ≥ 3", "E901"),
    "brackets without end": ("(" * 300 + "x" + ")" * 300, "E901"),
    "deep negation": ("not " * 100 + "p", "E905"),
    "deep sum": ("+".join(["x"] * 100), "E905"),
    "deep minus": ("-" * 3000 + "x", "E905"),
    "windows in windows": ("sum(sum(sum(x, 20), 20), 20)", "E905"),
    "growth in windows": ("sum(official_growth(mean_growth(mean(x, 5))), 5)", "E905"),
    "long": ("x + " * 2000 + "x", "E905"),
    "huge float": ("1e999", "E906"),
    "huge integer": ("1" + "0" * 400, "E906"),
    "empty": ("  ", "E900"),
    "future year": ("x[1]", "E907"),
    "computed year": ("x[-y]", "E907"),
    "year as a truth": ("x[True]", "E907"),
    "year long ago": ("x[-99]", "E907"),
    "year of a condition": ("p[-1] and q", "E907"),
    "number as condition": ("x + 1 and p", "E908"),
    "literal as condition": ("not 3", "E908"),
    "condition as number": ("(x > 1) + 1", "E908"),
    "text as condition": ("not 'x'", "E902"),
    "year of a result": ("min(x, y)[0]", "E902"),
    "condition in min": ("min(x > 1, 2)", "E908"),
    "window without years": ("sum(x)", "E904"),
    "window of no year": ("mean(x, 0)", "E904"),
    "window of a name": ("sum(x, n)", "E904"),
    "growth of two": ("official_growth(x, y)", "E904"),
    "quotient of one": ("over_positive(x)", "E904"),
    "quotient of a condition": ("over_positive(x > 1, 2)", "E908"),
    "keyword": ("sum(x, n=3)", "E904"),
    "min of one": ("min(x)", "E904"),
    "membership in nothing": ("x in []", "E902"),
    "membership of a sum": ("x + 1 in [a, b]", "E902"),
    "membership in a number": ("x in 3", "E902"),
    "membership of mixed values": ("x in [a, 3]", "E902"),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=list(HOSTILE))
def test_what_the_language_does_not_have_is_refused(text, code):
    found = refused(text, where=PLACE)
    assert found.code == code
    assert str(found.where) == "cn.hte.2016.yaml:7:gates/age"
    for language in ("zh", "en"):
        assert found.message.in_language(language)
        assert found.hint.in_language(language)
    assert re.search(r"[\u4e00-\u9fff]", found.message.zh)
    assert len(found.message.en) < 300


@pytest.mark.parametrize(
    ("text", "position"),
    [("x + foo(y)", 5), ("营业收入 >= 3 and x ** 2 > 1", 15), ("x > 1 and\n  not 3", 17)],
)
def test_refusal_names_the_character(text, position):
    assert f"character {position})" in refused(text).message.en


def test_unknown_function_is_answered_with_the_nearest():
    assert "official_growth" in refused("oficial_growth(x)").hint.en


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("xy01.+-*/()[]<>=!&|,'\" \n_notandrisumel", max_size=30))
def test_any_text_is_parsed_or_refused(text):
    try:
        assert isinstance(parse(text), Expression)
    except InvalidInput as error:
        assert error.code.startswith("E90")  # noqa: PT017 - either outcome is fine


@settings(deadline=None)
@given(number_texts)
def test_numbers_are_no_conditions(text):
    assert parse(text).is_condition in (False, None)


@settings(deadline=None)
@given(condition_texts)
def test_conditions_are_no_numbers(text):
    assert parse(text).is_condition in (True, None)


def test_name_alone_may_be_either():
    assert parse("hte_valid").is_condition is None


def test_names_come_once_for_each_year_with_windows_and_growth_spread_out():
    names = parse("sum(rd, 3) / sum(revenue, 2) >= a and official_growth(na[-1]) > rd").names
    assert [str(name) for name in names] == [
        "rd", "rd[-1]", "rd[-2]", "founded_year", "revenue", "revenue[-1]", "a",
        "na[-1]", "na[-2]", "na[-3]",
    ]  # fmt: skip


def test_choices_are_no_names():
    expression = parse("level in [national, 'provincial'] or field in tech_fields")
    assert [name.id for name in expression.names] == ["level", "field", "tech_fields"]


def test_word_after_equals_is_kept_apart():
    expression = parse("level == national and not x != y")
    assert [name.id for name in expression.names] == ["level", "x"]
    assert [match.word.id for match in expression.words] == ["national", "y"]


def test_chain_of_comparisons_holds_link_by_link():
    assert parse("1 <= x < 5").root == And((
        Comparison(Relation.AT_LEAST, Name("x"), Literal(1.0)),
        Comparison(Relation.BELOW, Name("x"), Literal(5.0)),
    ))  # fmt: skip


def test_membership_among_numbers_is_equality_with_one():
    assert parse("level in [2, 3]").root == Or((
        Comparison(Relation.EQUAL, Name("level"), Literal(2.0)),
        Comparison(Relation.EQUAL, Name("level"), Literal(3.0)),
    ))  # fmt: skip


def test_membership_among_negative_numbers_is_read():
    assert parse("x in [-1]").root == Or((Comparison(Relation.EQUAL, Name("x"), Literal(-1.0)),))


def test_not_in_and_not_equal_are_negations():
    assert parse("c not in [a]").root == Not(Membership(Name("c"), ("a",)))
    assert parse("c != a").root == Not(Matches(Name("c"), Name("a")))


def test_names_with_dots_and_chinese_choices_are_read():
    assert parse("group.innovation >= 20").names == (Name("group.innovation"),)
    assert parse("field in [电子信息, 新材料]").root == Membership(
        Name("field"), ("电子信息", "新材料")
    )


def test_line_breaks_and_signs_change_nothing():
    assert parse("x\n  >= +5").root == parse("x >= 5").root
    assert parse("x > -3").root == Comparison(Relation.ABOVE, Name("x"), Literal(-3.0))


def test_expressions_are_equal_by_what_they_say_and_hashable():
    assert parse("x > 1") == parse("x > 1", where=PLACE)
    assert len({parse("x > 1"), parse("x > 1"), parse("x > 2")}) == 2
