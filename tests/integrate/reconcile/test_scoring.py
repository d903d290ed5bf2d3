from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.integrate.reconcile import Candidate, Query, Registry, candidates
from jicheng.zone import Zone
from reconcile_zones import made_up_zone

REGISTRY = Registry(made_up_zone())


def found(text: str, *types: str, strictness: str = "any", **properties: str) -> list[Candidate]:
    given = tuple((pid, (value,)) for pid, value in properties.items())
    return list(candidates(REGISTRY, Query(text, types, strictness, 10, given)))


def ids(text: str, *types: str, **options: Any) -> list[str]:
    return [one.entity.id for one in found(text, *types, **options)]


def matches(text: str, *types: str, **options: Any) -> list[str]:
    return [one.entity.id for one in found(text, *types, **options) if one.is_match]


def test_valid_identifier_is_certain_whatever_the_name() -> None:
    first = found("某某公司", credit_code="9144 0300 9900 0000 07")[0]
    assert (first.entity.id, first.score, first.is_match) == ("o1", 100.0, True)


def test_identifier_as_the_query_itself_is_certain() -> None:
    assert matches("914403009900000007") == ["o1"]
    assert matches("https://ror.org/0zz0q0074") == ["o3"]
    assert matches("0000-0000-0000-1012") == ["p1"]


def test_identifiers_alone_suffice() -> None:
    assert matches("", ror="0zz0q0074") == ["o3"]


def test_wrong_check_digit_is_no_identifier() -> None:
    assert matches("914403009900000008") == []


def test_two_identifiers_of_two_organisations_are_not_certain() -> None:
    assert matches("x", credit_code="914403009900000007", ror="0zz0q0074") == []


def test_identifier_that_contradicts_forbids_a_match_by_name() -> None:
    body = "91110108551385082Q"  # valid, of another
    made = {one.entity.id: one for one in found("深圳市清河光电有限公司", credit_code=body)}
    assert not any(one.is_match for one in made.values())
    assert made["o1"].score == 47.5


def test_the_very_name_is_certain_if_nothing_is_near() -> None:
    assert matches("深圳市清河光电有限公司") == ["o1"]
    assert matches("深圳市清河光电（有限公司）") == []  # not the very name
    assert matches("Qinghe Photonics Co., Ltd.") == ["o1"]


def test_full_width_and_traditional_spellings_are_the_same_name() -> None:
    assert matches("深圳市清河光電有限公司") == ["o1"]
    assert matches("ＱＩＮＧＨＥ Photonics Co., Ltd.") == ["o1"]


def test_namesakes_are_never_certain() -> None:
    two = found("同名有限公司")[:2]
    assert [one.entity.id for one in two] == ["o5", "o6"]
    assert not any(one.is_match for one in two)


def test_name_without_region_is_two_firms_and_neither_is_certain() -> None:
    two = found("清河光电有限公司")[:2]
    assert {one.entity.id for one in two} == {"o1", "o2"}
    assert two[0].score == two[1].score
    assert not any(one.is_match for one in two)


def test_region_puts_namesakes_in_order() -> None:
    assert ids("同名有限公司", region="天津")[:2] == ["o6", "o5"]
    assert ids("清河光电有限公司", region="广东省深圳市")[0] in ("o1", "o2")
    assert ids("清河光电有限公司", region="北京市")[0] == "o2"


def test_region_that_differs_forbids_a_match_by_name() -> None:
    assert matches("深圳市清河光电有限公司", region="北京") == []


def test_country_may_be_written_in_any_way() -> None:
    assert dict(found("云海大学", country="中国")[0].features)["country"] is True
    assert dict(found("云海大学", country="Japan")[0].features)["country"] is False


def test_university_is_not_its_institute() -> None:
    first, second = found("云海大学")[:2]
    assert (first.entity.id, first.is_match) == ("o3", True)
    assert second.score < first.score - 10


def test_person_is_never_certain_by_name() -> None:
    assert ids("李青")[0] == "p1"
    assert matches("李青", organisation="o3") == []


def test_person_is_known_by_name_of_the_place_too() -> None:
    assert dict(found("李青", organisation="云海大学")[0].features)["organisation"] is True


def test_capability_is_found_by_its_terms() -> None:
    assert matches("等离子刻蚀", "capability") == ["c1"]
    assert matches("Dry  Etching", "capability") == ["c1"]


def test_typing_error_gives_a_candidate_and_no_match() -> None:
    first = found("深圳市清可光电有限公司")[0]
    assert first.entity.id == "o1"
    assert not first.is_match
    assert first.score < 95


def test_type_narrows() -> None:
    assert ids("清河光电", "person") == []
    assert ids("云海大学", "facility", "organisation")[0] == "o3"
    assert ids("云海大学", "unicorn") == []


def test_type_should_puts_others_last_and_all_wants_each() -> None:
    wanted = found("云海大学", "person", strictness="should")
    assert wanted[0].entity.id == "o3"
    assert wanted[0].score == 75.0
    assert ids("云海大学", "person", "organisation", strictness="all") == []
    assert ids("云海大学", "organisation", strictness="all")[0] == "o3"


def test_nothing_like_it_is_no_candidate() -> None:
    assert ids("zzzzqqqq") == []


def test_limit_holds() -> None:
    assert len(candidates(REGISTRY, Query("公司", limit=2))) <= 2


def test_order_of_rows_changes_nothing() -> None:
    zone = made_up_zone()
    turned = Zone.of({name: frame.reverse() for name, frame in zone.tables.items()})
    for text in ("清河光电", "同名有限公司", "云海大学"):
        mine = [(one.entity.id, one.score) for one in candidates(REGISTRY, Query(text))]
        other = [(one.entity.id, one.score) for one in candidates(Registry(turned), Query(text))]
        assert mine == other


@given(st.text(max_size=60))
def test_any_text_gets_scores_in_range_and_at_most_one_match(text: str) -> None:
    made = candidates(REGISTRY, Query(text, limit=50))
    assert all(0.0 <= one.score <= 100.0 for one in made)
    assert sum(one.is_match for one in made) <= 1
    assert [one.score for one in made] == sorted((one.score for one in made), reverse=True)


def test_zone_without_tables_has_no_candidates() -> None:
    empty = Registry(Zone.of({}))
    assert empty.types == ()
    assert candidates(empty, Query("x", properties=(("ror", ("0zz0q0074",)),))) == ()


@pytest.mark.parametrize("text", ["清", "光", "李"])
def test_name_of_one_character_is_searched(text: str) -> None:
    assert isinstance(found(text), list)


def test_similar_is_the_dice_coefficient() -> None:
    zone = Zone.of(
        {"organisations": pl.DataFrame({"id": ["a"], "name": ["甲乙丙"], "kind": ["firm"]})}
    )
    assert Registry(zone).similar("甲乙丁", 5) == {0: 0.5}
