"""The chain map: nodes and arrows for the drawing, and the same as a nested list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report.names import Names
from jicheng.report.sections.technologies import VERDICTS, TechnologyRecord
from jicheng.report.view import PlanView
from jicheng.report.wording import say

__all__ = ["Arrow", "ChainGroup", "ChainMap", "StageGroup", "chain_map"]


@dataclass(frozen=True, slots=True)
class StageGroup:
    """Technologies of one stage of a chain."""

    name: Text
    technologies: tuple[TechnologyRecord, ...]


@dataclass(frozen=True, slots=True)
class ChainGroup:
    """One chain: how many technologies carry each verdict, and which they are."""

    key: str
    name: Text
    counts: tuple[tuple[str, int], ...]
    stages: tuple[StageGroup, ...]

    @property
    def total(self) -> int:
        """Number of technologies."""
        return sum(n for _, n in self.counts)

    def count(self, verdict: str) -> int:
        """Return how many technologies carry a verdict."""
        return dict(self.counts)[verdict]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One link: an input goes into its target, a member belongs to its category."""

    source: str
    target: str
    relation: str
    essentiality: str


@dataclass(frozen=True, slots=True)
class ChainMap:
    """What the map and its list show; chains with most chokepoints first."""

    chains: tuple[ChainGroup, ...]
    arrows: tuple[Arrow, ...]
    names: Names


def chain_map(view: PlanView, records: tuple[TechnologyRecord, ...], names: Names) -> ChainMap:
    """Group the technologies by chain and stage, and collect the arrows."""
    stages = {row["id"]: row["stage"] for row in view.zone_rows("technologies")}
    stages |= {row["technology"]: row["stage"] for row in view.rows("chokepoints")}
    by_chain: dict[str, list[TechnologyRecord]] = {}
    for record in records:
        by_chain.setdefault(record.chain, []).append(record)
    groups = [_group(key, members, stages, names) for key, members in by_chain.items()]
    groups.sort(key=lambda group: (-group.count("chokepoint"), group.key == "", group.key))
    known = {record.id for record in records}
    arrows = tuple(
        Arrow(link["source"], link["target"], link["relation"], link["essentiality"] or "")
        for link in view.zone_rows("links")
        if link["source"] in known and link["target"] in known
    )
    return ChainMap(tuple(groups), arrows, names)


def _group(
    key: str,
    members: list[TechnologyRecord],
    stages: dict[str, str | None],
    names: Names,
) -> ChainGroup:
    counts = Counter(record.verdict for record in members)
    by_stage: dict[str, list[TechnologyRecord]] = {}
    for record in members:
        by_stage.setdefault(stages.get(record.id) or "", []).append(record)
    return ChainGroup(
        key,
        names.place(key) if key else say("chain.none"),
        tuple((verdict, counts[verdict]) for verdict in VERDICTS),
        tuple(
            StageGroup(names.place(stage) if stage else say("chain.no_stage"), tuple(found))
            for stage, found in by_stage.items()
        ),
    )
