"""Which kinds of titles are listed completely."""

from __future__ import annotations

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.facts.complete import ALL, complete_kinds
from jicheng.rules.facts.dictionary import fact_dictionary


def test_nothing_said_means_no_list_is_complete() -> None:
    assert complete_kinds((), fact_dictionary()) == ()


def test_kinds_named_are_complete() -> None:
    assert complete_kinds(("tech_sme",), fact_dictionary()) == ("tech_sme",)


def test_all_stands_for_every_kind_that_a_fact_rests_on() -> None:
    kinds = complete_kinds((ALL,), fact_dictionary())
    assert {"tech_sme", "high_tech_enterprise", "little_giant"} <= set(kinds)
    assert len(kinds) == len(set(kinds))


def test_kind_that_no_fact_rests_on_is_refused_with_a_near_one() -> None:
    with pytest.raises(InvalidInput, match="tech_sme") as caught:
        complete_kinds(("tech_smes",), fact_dictionary())
    assert caught.value.code == "E954"
