from __future__ import annotations

import pytest

from jicheng.errors import Text
from jicheng.report import quantities as q


def test_share_has_one_decimal() -> None:
    assert q.share(0.1234).zh == q.share(0.1234).en == "12.3%"


def test_share_that_would_round_to_zero_is_not_zero() -> None:
    assert q.share(0.0002).en == "<0.1%"
    assert q.share(0.0).en == "0.0%"


def test_effect_has_two_decimals_and_a_trace_is_not_zero() -> None:
    assert q.effect(0.00724).en == "0.72%"
    assert q.effect(0.00001).en == "<0.01%"
    assert q.effect_between(0.0033, 0.0108).en == "0.33\u20131.08%"


def test_negative_share_has_a_minus_sign_and_negative_zero_has_none() -> None:
    assert q.share(-0.05).en == "\u22125.0%"
    assert q.share(-0.0).en == "0.0%"
    assert q.decimal(-0.0).en == "0.00"


def test_interval_writes_the_unit_once() -> None:
    assert q.share_between(0.12, 0.345).en == "12.0\u201334.5%"


@pytest.mark.parametrize(
    ("wan", "zh", "en"),
    [
        (0, "0 万元", "CNY 0.0 million"),
        (9999, "9,999 万元", "CNY 100.0 million"),
        (10_000, "1.00 亿元", "CNY 100.0 million"),
        (123_456, "12.35 亿元", "CNY 1,234.6 million"),
    ],
)
def test_money_by_language(wan: float, zh: str, en: str) -> None:
    assert q.money(wan) == Text(zh, en)


def test_money_of_another_currency_says_so() -> None:
    assert q.money(1200, "EUR") == Text("1,200 万 EUR", "EUR 12.0 million")
    assert q.money_unit("EUR") == Text("万 EUR", "EUR million")


def test_range_of_money_writes_the_unit_once() -> None:
    assert q.money_between(2400, 3600) == Text("2,400–3,600 万元", "CNY 24.0–36.0 million")
    assert q.money_between(8000, 12_000) == Text("0.80–1.20 亿元", "CNY 80.0–120.0 million")
    assert q.money_between(2400, 2400) == q.money(2400)


def test_amount_and_its_unit_agree_with_money() -> None:
    assert f"{q.amount(1200).zh} {q.money_unit().zh}" == q.money(1200).zh
    assert q.amount(1200).en in q.money(1200).en


def test_decimal_below_a_tenth_keeps_two_figures() -> None:
    assert q.decimal(0.0124).en == "0.012"
    assert q.decimal(0.124).en == "0.12"


def test_years_with_one_end_known_say_which() -> None:
    assert q.years(3, 8) == Text("3–8 年", "3–8 years")
    assert q.years(1, 1) == Text("1 年", "1 year")
    assert q.years(None, 8) == Text("≤8 年", "≤8 years")
    assert q.years(3, None) == Text("≥3 年", "≥3 years")


def test_span_of_one_rank_is_one_number() -> None:
    assert q.span(4, 4).en == "4"
    assert q.span(2, 9).en == "2\u20139"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123, "1.23%"), (0.00062, "0.062%"), (0.0000039, "0.0004%"), (0.0, "0.00%"),
     (1e-8, "<0.0001%"), (-1e-8, ">−0.0001%"), (-0.00062, "−0.062%")],
)  # fmt: skip
def test_small_part_of_an_effect_keeps_two_digits(value: float, text: str) -> None:
    assert q.fine_effect(value).en == text
