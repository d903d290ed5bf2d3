"""The part of a chain that the challenges of one scenario can change, made small.

Only what lies downstream of a challenge and on the way to a final product moves when
challenges succeed; everything else keeps the output that it has without any success.
So nodes are numbered anew in topological order, and what unchanged inputs and members
contribute is summed up once a node:

    inputs_i  = max(0, min(cap_i, a_j of essential j, 1 - lost_i - sum_j w_ij (1 - a_j)))
    members_i = max(0, 1 - gone_i - sum_m w_im (1 - a_m))
    a_i       = own_i * inputs_i * members_i

with sums and minima over changeable j and m only: the cascade of
:mod:`jicheng.kernel.chain_cascade` to the rounding of sums. Source: ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from jicheng.kernel.protection import Protection

__all__ = ["Reach", "inputs_of", "members_of", "output_of", "reach_of"]

_NO_CAP = 2.0  # above any output: no unchanged essential input

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Reach(NamedTuple):
    """Arrays of the changeable part: n nodes and k challenges, numbered anew.

    Attributes
    ----------
    challenges : ndarray of int64, shape (k,)
        Challenges that matter in the scenario, in their own numbering.
    at : ndarray of int64, shape (k,)
        Node of each.
    restored : ndarray of float64, shape (k,)
        Own supply after its success.
    there, there_pointer : ndarray of int64, shapes (k,), (n + 1,)
        Challenges by node in compressed rows, the largest restored supply first.
    left, before, weight : ndarray of float64, shape (n,)
        Own supply and output without success; share of final output.
    cap, lost, gone : ndarray of float64, shape (n,)
        What unchanged inputs allow, and what unchanged inputs and members take away.
    has_inputs, has_members : ndarray of bool, shape (n,)
        Whether there are any, changeable or not.
    essential_pointer, essential : ndarray of int64
        Changeable essential inputs in compressed rows.
    other_pointer, other, other_weight
        Changeable non-essential inputs.
    member_pointer, member, member_weight
        Changeable members.
    target_pointer, target : ndarray of int64
        Nodes that a node goes into.
    low_inputs, low_members : ndarray of float64, shape (n,)
        What inputs and members allow without any success.
    """

    challenges: Indices
    at: Indices
    restored: Floats
    there_pointer: Indices
    there: Indices
    left: Floats
    before: Floats
    weight: Floats
    cap: Floats
    lost: Floats
    gone: Floats
    has_inputs: Flags
    has_members: Flags
    essential_pointer: Indices
    essential: Indices
    other_pointer: Indices
    other: Indices
    other_weight: Floats
    member_pointer: Indices
    member: Indices
    member_weight: Floats
    target_pointer: Indices
    target: Indices
    low_inputs: Floats
    low_members: Floats


def reach_of(protection: Protection, scenario: int) -> Reach:
    """Return the part of the chain that the challenges of a scenario can change."""
    graph = protection.graph
    nodes = protection.downstream(scenario)
    n = len(nodes)
    position = np.full(graph.n_technologies, -1, dtype=np.int64)
    position[nodes] = np.arange(n)
    before = protection.outputs_before[scenario]
    weight = np.zeros(graph.n_technologies)
    weight[protection.finals] = protection.final_share
    challenges = protection.touched[scenario]
    at = position[protection.technology[challenges]]
    restored = protection.restored[scenario, challenges]
    ranked = np.lexsort((np.arange(len(at)), -restored, at)).astype(np.int64)

    pointer, source, arrow = _rows_of(graph.input_pointer, graph.input_source, nodes)
    is_essential, share = protection.essential[arrow], graph.input_weight[arrow]
    fixed = position[source] < 0
    cap, lost = np.full(n, _NO_CAP), np.zeros(n)
    held, taken = fixed & is_essential, fixed & ~is_essential
    np.minimum.at(cap, pointer[held], before[source[held]])
    np.add.at(lost, pointer[taken], share[taken] * (1.0 - before[source[taken]]))
    moves = ~fixed
    essential = _compressed(pointer, position[source], moves & is_essential, n)
    other = _compressed(pointer, position[source], moves & ~is_essential, n)

    of, member, arrow = _rows_of(graph.member_pointer, graph.member_source, nodes)
    part = graph.member_weight[arrow]
    fixed = position[member] < 0
    gone = np.zeros(n)
    np.add.at(gone, of[fixed], part[fixed] * (1.0 - before[member[fixed]]))
    members = _compressed(of, position[member], ~fixed, n)

    ends = np.concatenate([pointer[moves], of[~fixed]])
    starts = np.concatenate([position[source][moves], position[member][~fixed]])
    targets = _compressed(starts, ends, np.ones(len(ends), dtype=np.bool_), n)
    return Reach(
        challenges,
        at,
        restored,
        np.searchsorted(at[ranked], np.arange(n + 1)).astype(np.int64),
        ranked,
        protection.left[scenario, nodes],
        before[nodes],
        weight[nodes],
        cap,
        lost,
        gone,
        np.diff(graph.input_pointer)[nodes] > 0,
        np.diff(graph.member_pointer)[nodes] > 0,
        *essential[:2],
        *other[:2],
        share[other[2]],
        *members[:2],
        part[members[2]],
        *targets[:2],
        *_without_success(protection, scenario, nodes),
    )


def _without_success(
    protection: Protection, scenario: int, nodes: Indices
) -> tuple[Floats, Floats]:
    """Return what inputs and what members allow each node while nothing succeeds."""
    graph, before = protection.graph, protection.outputs_before[scenario]
    of, source, arrow = _rows_of(graph.input_pointer, graph.input_source, nodes)
    essential, taken = protection.essential[arrow], 1.0 - before[source]
    worst, lost, gone = np.ones(len(nodes)), np.zeros(len(nodes)), np.zeros(len(nodes))
    np.minimum.at(worst, of[essential], before[source[essential]])
    np.add.at(lost, of[~essential], (graph.input_weight[arrow] * taken)[~essential])
    of, source, arrow = _rows_of(graph.member_pointer, graph.member_source, nodes)
    np.add.at(gone, of, graph.member_weight[arrow] * (1.0 - before[source]))
    return np.maximum(0.0, np.minimum(worst, 1.0 - lost)), np.maximum(0.0, 1.0 - gone)


def _rows_of(pointer: Indices, source: Indices, nodes: Indices) -> tuple[Indices, Indices, Indices]:
    """Return node number, source and arrow of every arrow into the nodes."""
    counts = np.diff(pointer)[nodes]
    starts = np.repeat(pointer[nodes], counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    arrow = (starts + within).astype(np.int64)
    return np.repeat(np.arange(len(nodes)), counts).astype(np.int64), source[arrow], arrow


def _compressed(
    of: Indices, entry: Indices, kept: Flags, n: int
) -> tuple[Indices, Indices, Indices]:
    """Return pointer, entries and positions of the kept ones, in compressed rows."""
    where = np.flatnonzero(kept)
    order = where[np.argsort(of[where], kind="stable")]
    pointer = np.searchsorted(of[order], np.arange(n + 1)).astype(np.int64)
    return pointer, entry[order].astype(np.int64), order.astype(np.int64)


@register_jitable
def output_of(i, a, successes, is_on, reach, rest, row):  # noqa: ANN201 - compiled, writes into row
    """Write the output of node i on every draw into ``row``; ``rest`` is room to work.

    Draws stand in the last axis, so that every step is one pass over contiguous memory.
    ``a`` holds the outputs of the nodes before, ``successes`` 1 or 0 by challenge and
    draw, ``is_on`` whether a challenge is chosen.
    """
    restored, there_pointer, there = reach.restored, reach.there_pointer, reach.there
    n_draws = successes.shape[1]
    inputs_of(i, a, reach, rest, row[:n_draws])
    if reach.has_members[i]:
        members_of(i, a, reach, rest[:n_draws])
        for d in range(n_draws):
            row[d] *= rest[d]
    for d in range(n_draws):
        rest[d] = reach.left[i]
    for position in range(there_pointer[i], there_pointer[i + 1]):
        c = there[position]
        if is_on[c]:
            z, best = successes[c], restored[c]
            for d in range(n_draws):
                rest[d] = max(rest[d], best * z[d])
    for d in range(n_draws):
        row[d] *= rest[d]


@register_jitable
def inputs_of(i, a, reach, rest, row):  # noqa: ANN201 - compiled, writes into row
    """Write what the inputs of node i allow on every draw into ``row``."""
    ep, es = reach.essential_pointer, reach.essential
    op, os, ow = reach.other_pointer, reach.other, reach.other_weight
    most = reach.cap[i] if op[i] < op[i + 1] else min(reach.cap[i], 1.0 - reach.lost[i])
    for d in range(len(row)):
        row[d] = most
    for e in range(ep[i], ep[i + 1]):
        source = a[es[e]]
        for d in range(len(row)):
            row[d] = min(row[d], source[d])
    if op[i] < op[i + 1]:
        for d in range(len(row)):
            rest[d] = 1.0 - reach.lost[i]
        for e in range(op[i], op[i + 1]):
            source, w = a[os[e]], ow[e]
            for d in range(len(row)):
                rest[d] -= w * (1.0 - source[d])
        for d in range(len(row)):
            row[d] = max(0.0, min(row[d], rest[d]))


@register_jitable
def members_of(i, a, reach, row):  # noqa: ANN201 - compiled, writes into row
    """Write what the members of node i leave of it on every draw into ``row``."""
    mp, ms, mw = reach.member_pointer, reach.member, reach.member_weight
    for d in range(len(row)):
        row[d] = 1.0 - reach.gone[i]
    for e in range(mp[i], mp[i + 1]):
        source, w = a[ms[e]], mw[e]
        for d in range(len(row)):
            row[d] -= w * (1.0 - source[d])
    for d in range(len(row)):
        row[d] = max(0.0, row[d])
