"""Cycles are found, named, and found whatever the order of the arrows."""

from __future__ import annotations

import itertools

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.checks.cycles import find_cycles

nodes = st.sampled_from("abcdefgh")
graphs = st.lists(st.tuples(nodes, nodes), max_size=20)


@settings(deadline=None, max_examples=300)
@given(graphs, st.randoms(use_true_random=False))
def test_cycles_are_real_and_found_exactly_when_there_are_any(arrows, random):
    found = find_cycles(arrows)
    graph = nx.DiGraph(arrows)
    assert bool(found) == (not nx.is_directed_acyclic_graph(graph))
    for cycle in found:
        assert cycle[0] == cycle[-1]
        assert all(graph.has_edge(*step) for step in itertools.pairwise(cycle))
    assert len({node for cycle in found for node in cycle[1:]}) == sum(len(c) - 1 for c in found)
    shuffled = list(arrows)
    random.shuffle(shuffled)
    assert find_cycles(shuffled) == found


def test_cycles_name_their_nodes_from_the_smallest():
    assert find_cycles([("c", "a"), ("a", "b"), ("b", "c"), ("x", "a"), ("b", "y")]) == [
        ("a", "b", "c", "a")
    ]


def test_cycles_of_a_long_chain_need_no_recursion():
    arrows = [(f"n{k:06}", f"n{k + 1:06}") for k in range(50_000)]
    assert find_cycles(arrows) == []
    assert len(find_cycles([*arrows, ("n050000", "n000000")])[0]) == 50_002
