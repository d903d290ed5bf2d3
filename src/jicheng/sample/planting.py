"""Which technologies are planted as what: the truth that an analysis should find.

The world starts healthy: every technology has a home supplier and five or more
foreign ones. Planting takes suppliers away. A planted chokepoint is a technology
whose stop would stop a final product, left with one or two countries that restrict
towards home. Traps look like chokepoints in one figure and are none. Roles are drawn
before any share is, and no formula of the analysis is used to draw them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from jicheng.sample.chains import Chains
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["HOME", "Pair", "Planting", "Role", "plant"]

HOME = "CHN"
"""Country from which exposure is judged."""

_CLEAR_IMPACT = 0.065  # least share of final value that a planted stop costs
_LOW_IMPACT = 0.03  # most that a stop of the low-impact trap costs
_SHARE_OF_PROCESSES_WITHOUT_DATA = 0.7
_TWO_WITHHOLD = 0.6  # chance that two leading countries withhold where two lead


class Role(StrEnum):
    """What is planted about a technology."""

    CHOKEPOINT = "chokepoint"
    BORDERLINE = "borderline"
    NO_DATA = "no_data"
    CATEGORY = "category"
    ORDINARY = "ordinary"
    HOME_DOMINATED = "home_dominated"
    SOURCED_AT_HOME = "sourced_at_home"
    LOW_RISK = "low_risk"
    SECOND_SOURCE = "second_source"
    SUBSTITUTABLE = "substitutable"
    LOW_IMPACT = "low_impact"


TRAPS = (
    Role.HOME_DOMINATED,
    Role.SOURCED_AT_HOME,
    Role.LOW_RISK,
    Role.SECOND_SOURCE,
    Role.SUBSTITUTABLE,
    Role.LOW_IMPACT,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two inputs that one product cannot do without, withheld by the same country.

    Relief of one alone leaves the product stopped; relief of both frees it.
    """

    first: str
    second: str
    product: str
    country: str


@dataclass(frozen=True)
class Planting:
    """Role of every technology, and who withholds those that lost their suppliers.

    Attributes
    ----------
    roles : dict of str to Role
        One entry a technology.
    withheld_by : dict of str to tuple of str
        Countries left as suppliers, for chokepoints, borderline cases and the traps
        whose world supply is concentrated.
    pairs : tuple of Pair
        Complementary pairs of planted chokepoints.
    """

    roles: dict[str, Role]
    withheld_by: dict[str, tuple[str, ...]]
    pairs: tuple[Pair, ...]

    def of_role(self, *roles: Role) -> tuple[str, ...]:
        """Return the technologies of some roles, in the order of the chains."""
        return tuple(name for name, role in self.roles.items() if role in roles)


class _Draw:
    """Roles under construction; technologies leave the pool as they get one."""

    def __init__(self, chains: Chains, seed: int) -> None:
        self.chains = chains
        self.rng = stream(seed, "planting")
        self.roles: dict[str, Role] = {}
        self.withheld_by: dict[str, tuple[str, ...]] = {}
        self.pairs: list[Pair] = []

    def free(self, names: Iterable[str]) -> list[str]:
        """Return those of ``names`` that have no role, in random order.

        Technologies that are known for being held abroad tend to come first (an
        exponential race with the weights of the data).
        """
        left = [name for name in names if name not in self.roles]
        weight = self.chains.plant_weight
        keys = [self.rng.exponential() / weight.get(name, 1.0) for name in left]
        return [left[i] for i in np.argsort(keys, kind="stable")]

    def coalition(self, name: str) -> tuple[str, ...]:
        """Draw who withholds ``name``, never a country that a pair there depends on."""
        taken = {p.country for p in self.pairs if p.product in self.chains.products[name]}
        allowed = [c for c in self.chains.leaders.get(name, ()) if c not in taken]
        if len(allowed) < 2 or self.rng.random() < _TWO_WITHHOLD:
            return tuple(allowed)
        return (allowed[int(self.rng.integers(len(allowed)))],)

    def give(self, role: Role, names: Iterable[str], count: int, *, largest: int = 2) -> None:
        """Give a role to the first ``count`` of ``names`` that can be withheld."""
        given = 0
        for name in names:
            if given == count:
                break
            chosen = self.coalition(name)[:largest]
            if chosen:
                self.roles[name], self.withheld_by[name] = role, chosen
                given += 1


def plant(chains: Chains, scale: Scale, seed: int) -> Planting:
    """Draw the role of every technology (ours; stream ``planting``)."""
    draw = _Draw(chains, seed)
    draw.roles |= dict.fromkeys(sorted(chains.categories), Role.CATEGORY)
    clear = [
        name
        for name in chains.targets
        if name in chains.leaders
        and chains.impact[name] >= _CLEAR_IMPACT
        and name in chains.own_capability
    ]
    n_planted = int(draw.rng.integers(scale.n_planted[0], scale.n_planted[1] + 1))
    for _ in range(scale.n_pairs):
        _plant_pair(draw, clear)
    _plant_chokepoints(draw, clear, n_planted - 2 * len(draw.pairs))
    _plant_others(draw, scale)
    roles = {name: draw.roles.get(name, Role.ORDINARY) for name in chains.technologies["id"]}
    return Planting(roles, draw.withheld_by, tuple(draw.pairs))


def _plant_pair(draw: _Draw, clear: Sequence[str]) -> None:
    """Plant two inputs, neither upstream of the other, that stop the same product.

    Pairs stay out of one another's way: none reaches the product of another.
    """
    chains = draw.chains
    used = {pair.product for pair in draw.pairs}
    members = [name for pair in draw.pairs for name in (pair.first, pair.second)]
    reached = used.union(*(chains.products[name] for name in members))
    for product in (name for name in draw.free(chains.values) if name not in reached):
        stops = [
            name
            for name in draw.free(clear)
            if chains.left_without(name, unknown_is_essential=False)[product] == 0.0
            and used.isdisjoint(chains.products[name])
        ]
        stops.sort(key=lambda name: len(chains.products[name]))
        for first, second in pairwise(stops):
            shared = [c for c in chains.leaders[first] if c in chains.leaders[second]]
            if shared and not _related(chains, first, second):
                country = shared[int(draw.rng.integers(len(shared)))]
                one, other = sorted((first, second))
                draw.pairs.append(Pair(one, other, product, country))
                for name in (first, second):
                    draw.roles[name], draw.withheld_by[name] = Role.CHOKEPOINT, (country,)
                return


def _related(chains: Chains, first: str, second: str) -> bool:
    return first in _upstream(chains, second) or second in _upstream(chains, first)


def _upstream(chains: Chains, name: str) -> set[str]:
    found: set[str] = set()
    for arrow in chains.arrows[name]:
        found |= {arrow.source} | _upstream(chains, arrow.source)
    return found


def _plant_chokepoints(draw: _Draw, clear: Sequence[str], count: int) -> None:
    """Plant the rest, in turn from each chain so that none has all of them."""
    chain_of = dict(draw.chains.technologies.select("id", "chain").iter_rows())
    by_chain: dict[str, list[str]] = {}
    for name in draw.free(clear):
        by_chain.setdefault(chain_of[name], []).append(name)
    turns = max(map(len, by_chain.values()), default=0)
    in_turn = [names[i] for i in range(turns) for names in by_chain.values() if i < len(names)]
    draw.give(Role.CHOKEPOINT, in_turn, count)


def _plant_others(draw: _Draw, scale: Scale) -> None:
    chains = draw.chains
    noticed = [name for name in chains.targets if chains.impact[name] >= _CLEAR_IMPACT]
    minor = [name for name in chains.targets if chains.impact_high[name] <= _LOW_IMPACT]
    draw.give(Role.LOW_IMPACT, draw.free(minor), scale.n_traps)
    draw.give(Role.BORDERLINE, draw.free(noticed), scale.n_borderline, largest=1)
    lesser = [name for name in noticed if chains.plant_weight.get(name, 0.0) <= 1.0]
    for role in (Role.SECOND_SOURCE, Role.SUBSTITUTABLE, Role.SOURCED_AT_HOME):
        draw.give(role, draw.free(lesser), scale.n_traps)
    strong = draw.free(name for name in noticed if name in chains.strong_at_home)
    draw.roles |= dict.fromkeys(strong[: scale.n_traps], Role.HOME_DOMINATED)
    calm = draw.free(name for name in lesser if name not in chains.strong_at_home)
    draw.roles |= dict.fromkeys(calm[: scale.n_traps], Role.LOW_RISK)
    silent = draw.free(name for name in chains.targets if name not in chains.strong_at_home)
    draw.roles |= dict.fromkeys(silent[: scale.n_no_data], Role.NO_DATA)
    kinds = dict(chains.technologies.select("id", "kind").iter_rows())
    processes = draw.free(name for name, kind in kinds.items() if kind == "process")
    n_silent = math.ceil(_SHARE_OF_PROCESSES_WITHOUT_DATA * len(processes))
    draw.roles |= dict.fromkeys(processes[:n_silent], Role.NO_DATA)
