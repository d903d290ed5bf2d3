"""Texts without a number are one where title, year and an owner agree, never by title alone."""

from __future__ import annotations

from itertools import permutations

import polars as pl
import pytest

from jicheng.intake.same_texts import texts_by_owner


def told(kind: str, **owners: str) -> dict[str, str]:
    """Return what tells apart texts of one title, of which the owners are given."""
    texts = pl.DataFrame(
        [(one, kind, "一种检测装置", None, "2023") for one in owners],
        schema=dict.fromkeys(("id", "kind", "title", "number", "period"), pl.String), orient="row",
    )  # fmt: skip
    rows = [(one, party, "owner") for one, those in owners.items() for party in those]
    parties = pl.DataFrame(
        rows, schema=dict.fromkeys(("text", "party", "role"), pl.String), orient="row"
    )
    return texts_by_owner(texts, parties)


@pytest.mark.parametrize("kind", ["patent", "project"])
def test_texts_of_two_owners_are_two(kind: str) -> None:
    made = told(kind, one="A", other="B")
    assert made["one"] != made["other"]


def test_text_whose_second_list_names_one_owner_only_is_one() -> None:
    made = told("patent", one="AB", other="B")
    assert made["one"] == made["other"]


@pytest.mark.parametrize("names", list(permutations("pqrs")))
def test_owners_that_a_text_joins_are_one_group_in_any_order(names: tuple[str, ...]) -> None:
    p, q, r, s = names
    made = told("patent", **{p: "A", q: "BC", r: "AB", s: "D"})
    assert made[p] == made[q] == made[r] != made[s]


def test_text_without_owner_is_of_the_only_group_and_else_of_none() -> None:
    assert set(told("patent", one="A", bare="").values()) == {"A"}
    assert told("patent", one="A", other="B", bare="")["bare"] == ""


def test_products_are_one_where_all_parties_are() -> None:
    made = told("product", one="AB", other="B")
    assert made["one"] != made["other"]
    assert told("paper", one="A", other="B") == {}
