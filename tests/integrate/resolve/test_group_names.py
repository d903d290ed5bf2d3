"""A group and a firm of its brand are asked about where another fact parts them."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.integrate.resolve.group_names import groups_and_firms, holding_of


def compared(legal_person: int, telephone: int, *, joins: bool = True) -> pl.DataFrame:
    return pl.DataFrame(
        {"left": [0], "right": [1], "joins": [joins], "level_legal_person": [legal_person],
         "level_telephone": [telephone]}
    )  # fmt: skip


def keys(*holdings: str | None, codes: tuple[str | None, ...] = (None, None)) -> pl.DataFrame:
    schema = {"holding": pl.String, "credit_code": pl.String}
    return pl.DataFrame(list(zip(holdings, codes, strict=True)), schema=schema, orient="row")


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [("腾跃光电（集团）有限公司", "limited", "group"), ("腾跃控股有限公司", "limited", "group"),
     ("深圳腾跃光电有限公司", "limited", "firm"), ("腾跃光电", None, None),
     ("Tengyue Group Co., Ltd.", "limited", None), (None, None, None)],
)  # fmt: skip
def test_full_chinese_names_tell_groups(
    name: str | None, form: str | None, told: str | None
) -> None:
    series = (pl.Series([one], dtype=pl.String) for one in (name, form))
    assert holding_of(*series).to_list() == [told]


@pytest.mark.parametrize(("legal_person", "telephone"), [(0, 1), (2, 0), (0, -1)])
def test_group_and_firm_of_other_facts_are_asked(legal_person: int, telephone: int) -> None:
    pairs = compared(legal_person, telephone)
    assert groups_and_firms(pairs, keys("group", "firm"), ["credit_code"]) == [(0, 1)]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (compared(2, 1), keys("group", "firm")),  # nothing differs
        (compared(-1, -1), keys("group", "firm")),  # nothing is said
        (compared(0, 0), keys("group", "group")),
        (compared(0, 0), keys("group", None)),  # a short name
        (compared(0, 0), keys("group", "firm", codes=("x", "x"))),  # one code
        (compared(0, 0, joins=False), keys("group", "firm")),  # asked anyway
    ],
)
def test_others_join_as_before(pairs: pl.DataFrame, said: pl.DataFrame) -> None:
    assert groups_and_firms(pairs, said, ["credit_code"]) == []
