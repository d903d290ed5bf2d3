"""Cycles of a directed graph, named so that a person can find and cut them."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["find_cycles"]

_MOST = 20


def find_cycles(arrows: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return disjoint cycles, at most 20, each as its nodes with the first one repeated.

    Notes
    -----
    What no arrow enters, or none leaves, is peeled off until only cycles and what
    lies between them remain; then the smallest node is followed along its smallest
    successor until it closes, that cycle is taken out, and so on. The result does
    not depend on the order of the arrows. O(V + E) a cycle.
    """
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for source, target in arrows:
        after.setdefault(source, set()).add(target)
        after.setdefault(target, set())
        before.setdefault(target, set()).add(source)
        before.setdefault(source, set())
    cycles: list[tuple[str, ...]] = []
    _peel(after, before, list(after))
    while after and len(cycles) < _MOST:
        path, position = [min(after)], {min(after): 0}
        while (step := min(after[path[-1]])) not in position:
            position[step] = len(path)
            path.append(step)
        cycle = path[position[step] :]
        first = cycle.index(min(cycle))
        cycle = cycle[first:] + cycle[:first]
        cycles.append((*cycle, cycle[0]))
        neighbours = {n for node in cycle for n in after[node] | before[node]}
        for node in cycle:
            _remove(node, after, before)
        _peel(after, before, [n for n in neighbours if n in after])
    return cycles


def _peel(after: dict[str, set[str]], before: dict[str, set[str]], waiting: list[str]) -> None:
    while waiting:
        node = waiting.pop()
        if node in after and not (after[node] and before[node]):
            waiting += after[node] | before[node]
            _remove(node, after, before)


def _remove(node: str, after: dict[str, set[str]], before: dict[str, set[str]]) -> None:
    for target in after.pop(node):
        if target != node:
            before[target].discard(node)
    for source in before.pop(node):
        if source != node:
            after[source].discard(node)
