"""The chain of a zone as arrays: what is stated, what is assumed, what leads where."""

from __future__ import annotations

import numpy as np
import pytest

from builders import make_zone
from jicheng.chain import Chain, ChainSettings
from jicheng.errors import InvalidInput
from jicheng.zone import Zone


def technologies(*ids: str, **values: dict[str, object]) -> list[dict[str, object]]:
    return [{"id": name, "name": name} | values.get(name, {}) for name in ids]


def arrow(source: str, target: str, **values: object) -> dict[str, object]:
    return {"source": source, "target": target, "relation": "input"} | values


def member(source: str, target: str, **values: object) -> dict[str, object]:
    return {"source": source, "target": target, "relation": "category"} | values


def chain_of(ids: str, *links: dict[str, object], **values: dict[str, object]) -> Chain:
    return Chain.of(make_zone(technologies=technologies(*ids, **values), links=list(links)))


def inputs_of(chain: Chain, name: str) -> dict[str, float]:
    pointer, k = chain.graph.input_pointer, chain.index[name]
    entries = range(pointer[k], pointer[k + 1])
    return {
        chain.technologies[chain.graph.input_source[e]]: chain.graph.input_weight[e]
        for e in entries
    }


def test_unknown_weights_are_equal() -> None:
    chain = chain_of("abc", arrow("a", "c"), arrow("b", "c"))
    assert inputs_of(chain, "c") == {"a": 0.5, "b": 0.5}


def test_stated_weights_are_brought_to_one() -> None:
    chain = chain_of("abc", arrow("a", "c", weight=3), arrow("b", "c", weight=1))
    assert inputs_of(chain, "c") == {"a": 0.75, "b": 0.25}


def test_an_unknown_weight_among_known_ones_is_their_mean() -> None:
    links = [arrow("a", "d", weight=3), arrow("b", "d", weight=1), arrow("c", "d")]
    assert inputs_of(chain_of("abcd", *links), "d") == pytest.approx(
        {"a": 0.5, "b": 1 / 6, "c": 1 / 3}
    )


def test_an_irrelevant_input_is_no_arrow() -> None:
    chain = chain_of("abc", arrow("a", "c", essentiality="irrelevant"), arrow("b", "c"))
    assert inputs_of(chain, "c") == {"b": 1.0}


def test_essentiality_of_a_member_says_nothing() -> None:
    chain = chain_of("ab", member("a", "b", essentiality="irrelevant"))
    assert chain.members_of(1) == [0]


@pytest.mark.parametrize(
    ("kind", "expected"), [("material", True), ("design", False), (None, False)]
)
def test_unknown_essentiality_follows_the_kind_of_the_source(
    kind: str | None, expected: bool
) -> None:
    chain = chain_of("ab", arrow("a", "b"), a={"kind": kind})
    assert chain.essential.tolist() == [expected]
    assert chain.essential_unknown.tolist() == [True]


def test_stated_essentiality_beats_the_assumption() -> None:
    chain = chain_of("ab", arrow("a", "b", essentiality="non_essential"), a={"kind": "material"})
    assert chain.essential.tolist() == [False]
    assert chain.essential_unknown.tolist() == [False]


def test_kinds_that_count_as_essential_are_a_setting() -> None:
    zone = make_zone(
        technologies=technologies("a", "b", a={"kind": "design"}), links=[arrow("a", "b")]
    )
    assert Chain.of(zone, ChainSettings(("design",))).essential.tolist() == [True]


def test_stated_final_values_count_and_nothing_else() -> None:
    chain = chain_of("abc", arrow("a", "b"), b={"final_value": 2.0})
    assert chain.final_value.tolist() == [0.0, 2.0, 0.0]
    assert not chain.final_assumed


def test_without_final_values_the_ends_of_the_chain_count_one() -> None:
    chain = chain_of("abcd", arrow("a", "b"), member("c", "b"))
    assert chain.final_value.tolist() == [0.0, 1.0, 0.0, 0.0]  # d stands alone: no product
    assert chain.final_assumed


def test_without_any_arrow_nothing_is_known_to_lead_to_a_final_product() -> None:
    chain = chain_of("ab")
    assert chain.final_value.sum() > 0
    assert not chain.leads_to_final.any()


def test_a_stated_final_product_leads_to_itself_without_any_arrow() -> None:
    chain = chain_of("ab", a={"final_value": 1.0})
    assert chain.leads_to_final.tolist() == [True, False]


def test_dead_ends_do_not_lead_to_a_final_product() -> None:
    chain = chain_of("abcd", arrow("a", "b"), arrow("c", "d"), b={"final_value": 1.0})
    assert chain.leads_to_final.tolist() == [True, True, False, False]


def test_upstream_goes_through_inputs_and_members() -> None:
    chain = chain_of("abcd", arrow("a", "b"), member("b", "c"), arrow("c", "d"))
    marked = np.array([True, False, False, False])
    assert chain.has_upstream(marked).tolist() == [False, True, True, True]
    assert chain.ancestors[3] == {0, 1, 2}


def test_a_category_is_unweighed_if_any_member_has_no_weight() -> None:
    chain = chain_of(
        "abcd", member("a", "c", weight=1), member("b", "c"), member("a", "d", weight=1)
    )
    assert chain.is_category.tolist() == [False, False, True, True]
    assert chain.members_unweighed.tolist() == [False, False, True, False]


def test_order_puts_sources_before_targets() -> None:
    chain = chain_of("abc", arrow("c", "b"), arrow("b", "a"))
    assert [chain.technologies[k] for k in chain.graph.order] == ["c", "b", "a"]


def test_a_cycle_is_refused_with_its_technologies() -> None:
    zone = make_zone(
        strict=False,
        technologies=technologies("a", "b"),
        links=[arrow("a", "b"), member("b", "a")],
    )
    with pytest.raises(InvalidInput, match="cycle") as error:
        Chain.of(zone)
    assert error.value.code == "E120"


def test_order_of_rows_changes_nothing() -> None:
    ids = technologies("a", "b", "c", "d")
    links = [arrow("a", "d", weight=1), arrow("b", "d", weight=2), member("c", "b")]
    zones = [make_zone(technologies=ids, links=links)]
    zones.append(make_zone(technologies=ids[::-1], links=links[::-1]))
    one, two = (Chain.of(zone) for zone in zones)
    assert one.technologies == two.technologies
    for name in ("order", "input_pointer", "input_source", "input_weight", "member_source"):
        assert np.array_equal(getattr(one.graph, name), getattr(two.graph, name)), name


def test_an_empty_zone_has_an_empty_chain() -> None:
    chain = Chain.of(Zone.of({"zones": [{"id": "z", "name": "z", "home": "CHN", "period": 2026}]}))
    assert chain.technologies == ()
    assert chain.ancestors == ()
