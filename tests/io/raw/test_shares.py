from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.errors import Where
from jicheng.io.raw.shares import CountryShare, read_shares

HERE = Where("a.xlsx", "a.xlsx/表", 5, "I 份额")


@pytest.mark.parametrize(
    "text",
    [
        "日本60%；德国30%",
        "日本60%;德国30%;其他10%",
        "日本（60%）、德国（30%）",
        "日本 60%，德国 30%",
        "日本：60%\n德国：30%",
        "日本60%德国30%",
        "JPN 60%; DEU 30%",
        "日本 0.6；德国 0.3",
        "Japan 60%, Germany 30%, others 10%",
    ],
)
def test_countries_and_shares_are_read_however_they_are_written(text: str) -> None:
    shares, faults = read_shares(text, HERE)
    assert {one.country: one.share for one in shares} == {"JPN": 0.6, "DEU": 0.3}
    assert faults == []


def test_bounds_are_kept_as_bounds() -> None:
    shares, _ = read_shares("日本80%以上；德国5%-10%；美国<5%", HERE)
    assert shares == (
        CountryShare("JPN", None, 0.8, 1.0),
        CountryShare("DEU", None, 0.05, 0.1),
        CountryShare("USA", None, 0.0, 0.05),
    )


def test_a_country_without_share_is_a_supplier_of_unknown_size() -> None:
    assert read_shares("日本、美国", HERE)[0] == (CountryShare("JPN"), CountryShare("USA"))


def test_what_is_no_country_is_told_and_the_rest_is_read() -> None:
    shares, faults = read_shares("美国60%；欧洲5%；某公司20%", HERE)
    assert [one.country for one in shares] == ["USA"]
    assert [(f.code, f.where, f.is_warning) for f in faults] == [("E635", HERE, True)] * 2


def test_shares_above_all_are_told_and_none_is_read() -> None:
    shares, faults = read_shares("日本55%；韩国35%；中国20%", HERE)
    assert shares == ()
    assert [f.code for f in faults] == ["E636"]


def test_a_country_named_twice_is_told() -> None:
    shares, faults = read_shares("日本30%；日本20%", HERE)
    assert shares == (CountryShare("JPN", 0.3),)
    assert [f.code for f in faults] == ["E635"]


@given(st.text(alphabet="日本德国美0123456789.%；、，()（）-~约 ", max_size=40))
def test_shares_are_within_range_whatever_is_written(text: str) -> None:
    shares, _ = read_shares(text, HERE)
    assert sum(one.share or 0.0 for one in shares) <= 1.005
