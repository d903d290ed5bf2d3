"""The industry chains of the sample: technologies, arrows, capabilities and needs.

Names and arrows are facts of engineering and lie in ``sample/data``; values of final
products and every figure are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from jicheng import taxonomy
from jicheng.sample.frames import data
from jicheng.sample.scales import Scale

__all__ = ["Arrow", "Chains"]

_TARGET_KINDS = ("equipment", "material", "component", "software", "design")


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow into a technology; ``weight`` is relative to the other arrows."""

    source: str
    weight: float
    is_member: bool
    essentiality: str | None


@dataclass(frozen=True)
class Chains:
    """The chains of one scale.

    Attributes
    ----------
    technologies, links, capabilities, needs : polars.DataFrame
        Rows of ``sample/data`` that belong to the scale; the capabilities are those of
        the shipped taxonomy.
    """

    technologies: pl.DataFrame
    links: pl.DataFrame
    capabilities: pl.DataFrame
    needs: pl.DataFrame

    @classmethod
    def of(cls, scale: Scale) -> Chains:
        """Read the chains; a scale without whole chains keeps the marked technologies."""
        technologies = data("technologies")
        for column in ("chain", "stage"):
            english = data("terms").select(
                pl.col("zh").alias(column), pl.col("en").alias(f"{column}_en")
            )
            technologies = technologies.join(english, on=column, how="left", maintain_order="left")
        if not scale.whole_chains:
            technologies = technologies.filter(pl.col("small"))
        ids = technologies["id"].implode()
        links = data("links").filter(pl.col("source").is_in(ids) & pl.col("target").is_in(ids))
        needs = data("needs").filter(pl.col("technology").is_in(ids))
        return cls(technologies, links, taxonomy.load().drop("source", "as_of"), needs)

    @cached_property
    def arrows(self) -> dict[str, tuple[Arrow, ...]]:
        """Arrows into each technology; weights not stated are equal."""
        into: dict[str, list[Arrow]] = {name: [] for name in self.technologies["id"]}
        for source, target, relation, essentiality, weight in self.links.iter_rows():
            into[target].append(
                Arrow(
                    source, 1.0 if weight is None else weight, relation == "category", essentiality
                )
            )
        return {name: tuple(arrows) for name, arrows in into.items()}

    @cached_property
    def values(self) -> dict[str, float]:
        """Value of each final product."""
        final = self.technologies.drop_nulls("final_value")
        return dict(zip(final["id"], final["final_value"], strict=True))

    @cached_property
    def categories(self) -> frozenset[str]:
        """Technologies of which others are a type."""
        return frozenset(n for n, into in self.arrows.items() if any(a.is_member for a in into))

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Technologies that a challenge could be about: neither categories nor products."""
        rows = self.technologies.filter(
            pl.col("kind").is_in(_TARGET_KINDS) & ~pl.col("id").is_in(list(self.categories))
        )
        return tuple(rows["id"])

    @cached_property
    def leaders(self) -> dict[str, tuple[str, ...]]:
        """Countries known for leading in a technology and for restricting, where any."""
        known = self.technologies.filter(pl.col("plant_weight") > 0).select("id", "leaders")
        return {name: tuple(countries.split(";")) for name, countries in known.iter_rows()}

    @cached_property
    def plant_weight(self) -> dict[str, float]:
        """How readily a technology with leaders abroad is planted."""
        known = self.technologies.filter(pl.col("plant_weight") > 0)
        return dict(zip(known["id"], known["plant_weight"], strict=True))

    @cached_property
    def strong_at_home(self) -> frozenset[str]:
        """Technologies in which the home country is known for leading."""
        return frozenset(self.technologies.filter(pl.col("leaders") == "CHN")["id"])

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Technologies, upstream first."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            if name not in done:
                for arrow in self.arrows[name]:
                    visit(arrow.source)
                done[name] = None

        for name in self.arrows:
            visit(name)
        return tuple(done)

    def left_without(self, stopped: str, *, unknown_is_essential: bool) -> dict[str, float]:
        """Return what is left of each final product if a technology stops.

        The plain reading of the chain: an essential input that stops stops its
        product, other inputs and members of a category take their weight.
        """
        left: dict[str, float] = {}
        for name in self.order:
            own = 0.0 if name == stopped else 1.0
            left[name] = own * self._inputs(name, left, unknown_is_essential=unknown_is_essential)
        return {name: left[name] for name in self.values}

    def _lost(self, stopped: str, *, unknown_is_essential: bool) -> float:
        left = self.left_without(stopped, unknown_is_essential=unknown_is_essential)
        lost = sum(value * (1.0 - left[name]) for name, value in self.values.items())
        return lost / sum(self.values.values())

    def _inputs(self, name: str, left: dict[str, float], *, unknown_is_essential: bool) -> float:
        arrows = self.arrows[name]
        members = [a for a in arrows if a.is_member]
        group = members or [a for a in arrows if not a.is_member]
        total = sum(a.weight for a in group)
        best, lost = 1.0, 0.0
        for arrow in group:
            is_essential = arrow.essentiality == "essential" or (
                arrow.essentiality is None and unknown_is_essential
            )
            if is_essential and not arrow.is_member:
                best = min(best, left[arrow.source])
            else:
                lost += arrow.weight / total * (1.0 - left[arrow.source])
        return min(best, 1.0 - lost)

    @cached_property
    def impact(self) -> dict[str, float]:
        """Least share of final value that stops with each technology alone."""
        return {n: self._lost(n, unknown_is_essential=False) for n in self.arrows}

    @cached_property
    def impact_high(self) -> dict[str, float]:
        """Largest share of final value that stops with each technology alone."""
        return {n: self._lost(n, unknown_is_essential=True) for n in self.arrows}

    @cached_property
    def products(self) -> dict[str, frozenset[str]]:
        """Final products that each technology is upstream of, itself included."""
        found: dict[str, frozenset[str]] = {}
        out: dict[str, list[str]] = {name: [] for name in self.arrows}
        for target, arrows in self.arrows.items():
            for arrow in arrows:
                out[arrow.source].append(target)
        for name in reversed(self.order):
            own = frozenset({name}) if name in self.values else frozenset()
            found[name] = own.union(*(found[target] for target in out[name]))
        return found

    @cached_property
    def own_capability(self) -> dict[str, str]:
        """A capability that this technology alone needs, where there is one."""
        users = self.needs.group_by("capability").agg(pl.len().alias("n"))
        single = self.needs.join(users.filter(pl.col("n") == 1), on="capability", how="semi")
        first = single.unique("technology", keep="first", maintain_order=True)
        return dict(zip(first["technology"], first["capability"], strict=True))
