"""Arrows of the chain."""

from __future__ import annotations

from builders import make_zone

TECHNOLOGIES = [{"id": name, "name": name} for name in "abcd"]


def faults(*links):
    rows = [
        dict(zip(("source", "target", "relation", "weight"), link, strict=False)) for link in links
    ]
    return make_zone(strict=False, technologies=TECHNOLOGIES, links=rows).check()


def codes(*links):
    return [f.code for f in faults(*links)]


def test_cycle_among_inputs_names_its_nodes():
    (found,) = faults(("a", "b", "input"), ("b", "c", "input"), ("c", "a", "input"))
    assert found.code == "E120"
    assert not found.is_warning
    assert "a → b → c → a" in found.message.en


def test_cycle_through_a_category_is_a_cycle():
    assert codes(("a", "b", "input"), ("b", "a", "category")) == ["E120"]


def test_cycle_through_an_irrelevant_arrow_is_none():
    rows = [
        {"source": "a", "target": "b", "relation": "input"},
        {"source": "b", "target": "a", "relation": "input", "essentiality": "irrelevant"},
    ]
    assert make_zone(technologies=TECHNOLOGIES, links=rows).check() == []


def test_self_link_is_refused_once():
    assert codes(("a", "a", "input")) == ["E124"]


def test_pair_in_both_relations_is_refused():
    assert codes(("a", "b", "input"), ("a", "b", "category")) == ["E125"]


def test_weights_all_zero_are_refused_and_in_part_are_warned_of():
    assert codes(("a", "c", "input", 0), ("b", "c", "input", 0)) == ["E136"]
    (found,) = faults(("a", "c", "input", 1), ("b", "c", "input"))
    assert (found.code, found.is_warning) == ("E137", True)


def test_weights_of_inputs_and_members_are_apart():
    assert codes(("a", "c", "input", 1), ("b", "c", "category")) == []
