"""The way along which most of a loss reaches a final product, arrow by arrow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jicheng.chain import Chain
from jicheng.errors import Text
from jicheng.kernel.chain_cascade import outputs
from jicheng.select.analysis import Analysis
from jicheng.select.wording import say

__all__ = ["main_path", "told_path"]


def main_path(chain: Chain, k: int) -> list[int]:
    """Return the positions from k to the final product that loses most if k stops.

    Each step back goes to the source that holds its target back most: the scarcest
    essential input, else the input or member with the largest weighted loss. Ties go
    to the first by id.
    """
    own = np.ones((1, len(chain.technologies)))
    own[0, k] = 0.0
    lost = 1.0 - outputs(own, chain.graph, chain.essential[None, :])[0]
    position = int(np.argmax(lost * chain.final_value))
    path = [position]
    while position != k and lost[position] > 0:
        position = _heaviest_source(chain, position, lost)
        path.append(position)
    return path[::-1]


def _heaviest_source(chain: Chain, target: int, lost: NDArray[np.float64]) -> int:
    graph = chain.graph
    best, found = -1.0, target
    for e in range(graph.input_pointer[target], graph.input_pointer[target + 1]):
        source = int(graph.input_source[e])
        carried = lost[source] * (1.0 if chain.essential[e] else graph.input_weight[e])
        if carried > best:
            best, found = carried, source
    for e in range(graph.member_pointer[target], graph.member_pointer[target + 1]):
        source = int(graph.member_source[e])
        if lost[source] * graph.member_weight[e] > best:
            best, found = lost[source] * graph.member_weight[e], source
    return found


def told_path(analysis: Analysis, k: int) -> Text:
    """Return the main path in words, saying what is assumed of each arrow."""
    chain = analysis.chain
    path = main_path(chain, k)
    told = Text(chain.technologies[k], chain.technologies[k])
    for source, target in pairwise(path):
        step = say(
            "path_step", how=_arrow(chain, source, target), target=chain.technologies[target]
        )
        told = Text(told.zh + step.zh, told.en + step.en)
    return say("path", path=told)


def _arrow(chain: Chain, source: int, target: int) -> Text:
    graph = chain.graph
    for e in range(graph.member_pointer[target], graph.member_pointer[target + 1]):
        if graph.member_source[e] == source:
            is_equal = chain.members_unweighed[target]
            key = "arrow_member_equal" if is_equal else "arrow_member"
            return say(key, weight=graph.member_weight[e])
    inputs = range(graph.input_pointer[target], graph.input_pointer[target + 1])
    e = next(e for e in inputs if graph.input_source[e] == source)
    key = "arrow_essential" if chain.essential[e] else "arrow_other"
    if chain.essential_unknown[e]:
        key += "_assumed"
    return say(key, weight=graph.input_weight[e])
