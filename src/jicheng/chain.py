"""The chain of a zone as arrays: inputs and categories apart, final products marked.

Three stages read the chain, so it lives below them. What the zone does not say is
filled by assumptions that are named in :class:`ChainSettings` and counted in
:class:`Chain`, for the report to print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput
from jicheng.kernel.chain_cascade import ChainGraph
from jicheng.zone import Zone

__all__ = ["Chain", "ChainSettings"]

_WEIGHT_IF_UNKNOWN = 1.0


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """What is assumed where the zone is silent.

    ``essential_kinds`` are the kinds of technology whose arrows count as essential
    when their essentiality is unknown; arrows from other kinds count as
    non-essential (ours, printed as an assumption).
    """

    essential_kinds: tuple[str, ...] = ("equipment", "material", "component", "software", "process")


@dataclass(frozen=True)
class Chain:
    """Technologies, arrows and final products of a zone, aligned by position.

    Attributes
    ----------
    technologies : tuple of str
        Ids in the order of the zone's table.
    graph : ChainGraph
        Arrows in compressed rows.
    essential : ndarray of bool, shape (e,)
        Whether each input arrow is essential, assumptions filled in.
    essential_unknown : ndarray of bool, shape (e,)
        Where ``essential`` is an assumption.
    final_value : ndarray of float64, shape (n,)
        Value of final products; where the zone names none, every technology that
        arrows lead to and none leaves counts 1 (``final_assumed``); without any arrow
        every technology counts 1.
    """

    technologies: tuple[str, ...]
    graph: ChainGraph
    essential: NDArray[np.bool_]
    essential_unknown: NDArray[np.bool_]
    final_value: NDArray[np.float64]
    final_assumed: bool

    @classmethod
    def of(cls, zone: Zone, settings: ChainSettings | None = None) -> Chain:
        """Build the chain of a zone.

        Raises
        ------
        InvalidInput
            E120 if the arrows have a cycle.
        """
        settings = settings or ChainSettings()
        technologies = zone["technologies"]
        ids = technologies["id"].to_list()
        links = zone["links"].filter(
            (pl.col("relation") == "category")
            | (pl.col("essentiality").fill_null("") != "irrelevant")
        )
        inputs = _rows(links.filter(pl.col("relation") == "input"), ids)
        members = _rows(links.filter(pl.col("relation") == "category"), ids)
        kinds = dict(zip(ids, technologies["kind"].to_list(), strict=True))
        assumed = np.array(
            [kinds[ids[s]] in settings.essential_kinds for s in inputs.source], dtype=np.bool_
        )
        stated = inputs.essentiality
        unknown = np.array([value is None for value in stated], dtype=np.bool_)
        essential = np.where(unknown, assumed, np.array([v == "essential" for v in stated], bool))
        final, final_assumed = _final_values(technologies, links)
        graph = ChainGraph(
            _order(ids, inputs, members),
            inputs.pointer, inputs.source, inputs.weight,
            members.pointer, members.source, members.weight, members.is_weighed,
        )  # fmt: skip
        return cls(tuple(ids), graph, essential.astype(np.bool_), unknown, final, final_assumed)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each technology."""
        return {name: position for position, name in enumerate(self.technologies)}

    @cached_property
    def is_category(self) -> NDArray[np.bool_]:
        """Whether other technologies are members of it, shape (n,)."""
        return np.diff(self.graph.member_pointer) > 0

    @cached_property
    def members_unweighed(self) -> NDArray[np.bool_]:
        """Categories of which some member has no stated weight, shape (n,)."""
        weighed = self.graph.members_weighed
        return self.is_category if weighed is None else self.is_category & ~weighed

    @cached_property
    def ancestors(self) -> tuple[frozenset[int], ...]:
        """Everything upstream of each technology, through inputs and members."""
        above: list[frozenset[int]] = [frozenset()] * len(self.technologies)
        for k in self.graph.order.tolist():
            sources = set(self.inputs_of(k)) | set(self.members_of(k))
            above[k] = frozenset(sources.union(*(above[s] for s in sources)))
        return tuple(above)

    @cached_property
    def leads_to_final(self) -> NDArray[np.bool_]:
        """Whether arrows lead from it to a final product, or it is one, shape (n,).

        Where it is False the chain says nothing about its impact, which is unknown,
        not zero: also everywhere if final products are assumed without any arrow.
        """
        has_arrows = self.graph.n_inputs + len(self.graph.member_source) > 0
        leads = (self.final_value > 0) & (has_arrows or not self.final_assumed)
        for k in self.graph.order[::-1].tolist():
            if leads[k]:
                leads[self.inputs_of(k)] = True
                leads[self.members_of(k)] = True
        return leads

    def has_upstream(self, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which technologies have a marked one upstream, shape (n,)."""
        found = np.zeros(len(self.technologies), dtype=np.bool_)
        for k in self.graph.order.tolist():
            found[k] = any(marked[s] or found[s] for s in self.inputs_of(k) + self.members_of(k))
        return found

    def inputs_of(self, k: int) -> list[int]:
        """Return the positions of the inputs of ``k``."""
        pointer = self.graph.input_pointer
        return [int(s) for s in self.graph.input_source[pointer[k] : pointer[k + 1]]]

    def members_of(self, k: int) -> list[int]:
        """Return the positions of the members of category ``k``."""
        pointer = self.graph.member_pointer
        return [int(s) for s in self.graph.member_source[pointer[k] : pointer[k + 1]]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Arrows of one relation, grouped by target; ``is_weighed`` per target."""

    pointer: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float64]
    is_weighed: NDArray[np.bool_]
    essentiality: list[str | None]


def _rows(links: pl.DataFrame, ids: Sequence[str]) -> _Rows:
    position = {name: k for k, name in enumerate(ids)}
    frame = links.select(
        pl.col("target").replace_strict(position, return_dtype=pl.Int64),
        pl.col("source").replace_strict(position, return_dtype=pl.Int64),
        "weight",
        "essentiality",
    ).sort("target", "source")
    target = frame["target"].to_numpy().astype(np.int64)
    pointer = np.searchsorted(target, np.arange(len(ids) + 1)).astype(np.int64)
    weight = frame["weight"].to_numpy().astype(np.float64)
    is_weighed = np.ones(len(ids), dtype=np.bool_)
    is_weighed[target[np.isnan(weight)]] = False
    for k in range(len(ids)):
        weight[pointer[k] : pointer[k + 1]] = _normalised(weight[pointer[k] : pointer[k + 1]])
    source = frame["source"].to_numpy().astype(np.int64)
    return _Rows(pointer, source, target, weight, is_weighed, frame["essentiality"].to_list())


def _normalised(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights that sum to 1; an unknown one counts as the mean of the known."""
    if not weight.size:
        return weight
    known = ~np.isnan(weight)
    filled = np.where(known, weight, weight[known].mean() if known.any() else _WEIGHT_IF_UNKNOWN)
    total = filled.sum()
    return filled / total if total > 0 else np.full(weight.size, 1.0 / weight.size)


def _order(ids: Sequence[str], *arrows: _Rows) -> NDArray[np.int64]:
    sorter: TopologicalSorter[int] = TopologicalSorter({k: set() for k in range(len(ids))})
    for rows in arrows:
        for source, target in zip(rows.source.tolist(), rows.target.tolist(), strict=True):
            sorter.add(target, source)
    try:
        return np.array(list(sorter.static_order()), dtype=np.int64)
    except CycleError as error:
        nodes = " → ".join(ids[k] for k in error.args[1])
        raise InvalidInput.of("E120", nodes=nodes) from error


def _final_values(
    technologies: pl.DataFrame, links: pl.DataFrame
) -> tuple[NDArray[np.float64], bool]:
    stated = technologies["final_value"].fill_null(0.0).to_numpy().astype(np.float64)
    if stated.sum() > 0:
        return stated, False
    sources, targets = set(links["source"].to_list()), set(links["target"].to_list())
    sinks = np.array([float(name in targets - sources) for name in technologies["id"]])
    return (sinks if sinks.any() else np.ones(technologies.height)), True
