"""Consortia the slow way: plain rows, every subset, rules and value as they are written."""

from __future__ import annotations

from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from statistics import median

import numpy as np


def random_rows(seed):
    """Return rows of a small zone with one technology, and the rules of its challenge."""
    draw = np.random.default_rng(seed)
    n, s = int(draw.integers(3, 10)), int(draw.integers(1, 4))

    def maybe(value, chance=0.8):
        return value if draw.random() < chance else None

    sites = [
        {"id": f"site:{i}", "name": f"园{i}", "longitude": maybe(113 + i / 10), "latitude": 23.1}
        for i in range(3)
    ]
    organisations = [
        {
            "id": f"org:{i}", "name": f"组织{i}",
            "kind": str(draw.choice(["firm", "firm", "firm", "institute", "university",
                                     "platform", "investor"])),
            "size": maybe(str(draw.choice(["large", "medium", "small", "micro"]))),
            "country": maybe(str(draw.choice(["CHN", "CHN", "DEU"])), 0.9),
            "zone": maybe("zone:test", 0.75), "site": maybe(f"site:{draw.integers(3)}"),
            "longitude": maybe(113.0 + draw.integers(5) / 20), "latitude": maybe(23.0, 0.9),
            "may_lead": [None, True, False][int(draw.integers(3))],
            "capacity": int(draw.choice([0, 1, 1, 2, 3])),
            "cost": maybe(float(draw.integers(5, 80)), 0.85),
        }
        for i in range(n)
    ]  # fmt: skip
    people = [
        {"id": f"person:{i}", "name": f"人{i}", "organisation": maybe(f"org:{draw.integers(n)}")}
        for i in range(3)
    ]
    holders = [row["id"] for row in organisations + people]
    holdings = [
        {
            "holder": holder, "capability": f"cap:{k}",
            "level": maybe(float(draw.integers(2, 11)) / 10, 0.85),
            "level_low": maybe(float(draw.integers(2, 8)) / 10, 0.2),
            "evidence": maybe("专利", 0.9),
        }
        for holder in holders for k in range(s) if draw.random() < 0.55
    ]  # fmt: skip
    ties = [
        {"a": a, "b": b, "kind": str(draw.choice(["co_patent", "project", "ownership"])),
         "weight": float(draw.integers(1, 20)) / 10}
        for a, b in combinations(holders, 2) if draw.random() < 0.25
    ]  # fmt: skip
    needs = [
        {"technology": "tech:a", "capability": f"cap:{k}",
         "level": maybe(float(draw.integers(2, 8)) / 10), "weight": float(draw.integers(1, 4))}
        for k in range(s)
    ]  # fmt: skip
    challenge = {
        "id": "chal:a", "technology": "tech:a", "r_fold": int(draw.choice([1, 1, 2, 3])),
        "member_limit": int(draw.integers(1, 8)),
        "lead_kinds": str(draw.choice(["firm", "firm;institute", "university"])),
        "small_firm_share": [None, 0.2, 0.5][int(draw.integers(3))],
    }  # fmt: skip
    return {
        "technologies": [{"id": "tech:a", "name": "甲"}],
        "capabilities": [{"id": f"cap:{k}", "name": f"能力{k}"} for k in range(s)],
        "sites": sites, "organisations": organisations, "people": people,
        "holdings": holdings, "ties": ties, "needs": needs, "challenges": [challenge],
    }  # fmt: skip


def kilometres(one, other):
    (x1, y1), (x2, y2) = (tuple(map(radians, p)) for p in (one, other))
    h = sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(h))


class Reference:
    """Rules and value of one challenge of plain rows under some settings."""

    def __init__(self, rows, settings):
        self.rows, self.settings = rows, settings
        self.call = rows["challenges"][0]
        self.organisations = {row["id"]: row for row in rows["organisations"]}
        self.needs = {row["capability"]: row for row in rows["needs"]}
        self.works_at = {row["id"]: row["organisation"] for row in rows["people"]}
        self.fold = self.call["r_fold"]

    def employer(self, holder):
        return self.works_at.get(holder, holder)

    def levels(self, organisation, capability):
        """Return (low, stated): stated is None where no sourced level is known."""
        low, stated = 0.0, None
        for row in self.rows["holdings"]:
            if self.employer(row["holder"]) != organisation or row["capability"] != capability:
                continue
            if row["evidence"] is None and self.settings.needs_source:
                continue
            level, lowest = row["level"], row["level_low"]
            sure = lowest if lowest is not None else (level if level is not None else 0.0)
            sure = sure if level is None else min(sure, level)
            low = max(low, sure)
            stated = stated if level is None else max(stated or 0.0, level)
        return low, stated

    def holds(self, organisation, capability):
        low, _ = self.levels(organisation, capability)
        return low > 0 and low >= (self.needs[capability]["level"] or 0.0)

    def counted_level(self, organisation, capability):
        low, stated = self.levels(organisation, capability)
        return low if stated is None else stated

    def may_join(self, name):
        row, wants = self.organisations[name], self.settings
        inside = row["zone"] == "zone:test"
        near = row["country"] == "CHN" and wants.allow_outside
        return (
            (inside or near or wants.allow_abroad)
            and row["capacity"] > 0
            and row["kind"] in wants.member_kinds
            and any(self.holds(name, capability) for capability in self.needs)
        )

    def may_lead(self, name):
        row = self.organisations[name]
        inside = row["zone"] == "zone:test" or not self.settings.lead_in_zone
        kinds = self.call["lead_kinds"].split(";")
        return inside and row["kind"] in kinds and row["may_lead"] is not False

    def broken(self, team, lead):
        """Return the names of the rules that a consortium breaks."""
        kinds = [self.organisations[name]["kind"] for name in team]
        small = [self.organisations[name]["size"] in ("small", "micro") for name in team]
        firms = [kind == "firm" for kind in kinds]
        share = sum(a and b for a, b in zip(small, firms, strict=True)) / len(team)
        depth = [sum(self.holds(name, c) for name in team) for c in self.needs]
        rules = {
            "members": all(map(self.may_join, team)),
            "lead": lead in team and self.may_lead(lead),
            "depth": min(depth) >= self.fold,
            "size": len(team) <= self.call["member_limit"],
            "research": bool({*kinds} & {*self.settings.research_kinds})
            or not self.settings.needs_research,
            "small": share >= (self.call["small_firm_share"] or 0.0) - 1e-9,
        }
        return [name for name, holds in rules.items() if not holds]

    def cost(self, name):
        row = self.organisations[name]
        if row["cost"] is not None:
            return row["cost"]
        every = [r for r in self.organisations.values() if r["cost"] is not None]
        same = [r["cost"] for r in every if r["kind"] == row["kind"]]
        return median(same or [r["cost"] for r in every] or [0.0])

    def position(self, name):
        row = self.organisations[name]
        for site in self.rows["sites"]:
            if site["id"] == row["site"] and site["longitude"] is not None:
                return site["longitude"], site["latitude"]
        if row["longitude"] is None or row["latitude"] is None:
            return None
        return row["longitude"], row["latitude"]

    def distance(self, lead, name):
        here, there = self.position(lead), self.position(name)
        site = self.organisations[lead]["site"]
        if lead == name or (site is not None and site == self.organisations[name]["site"]):
            return 0.0
        if here is None or there is None:
            every = self.organisations
            if all(self.position(one) is None and every[one]["site"] is None for one in every):
                return 0.0
            if every[lead]["zone"] == every[name]["zone"] == "zone:test":
                return self.settings.unknown_in_zone_km
            return self.settings.unknown_distance_km
        return kilometres(here, there)

    def tie(self, one, other):
        pairs = {}
        for row in self.rows["ties"]:
            if row["kind"] in self.settings.tie_kinds:
                key = (row["kind"], *sorted((row["a"], row["b"])))
                pairs[key] = max(pairs.get(key, 0.0), row["weight"])
        strength = sum(
            weight
            for (_, a, b), weight in pairs.items()
            if {self.employer(a), self.employer(b)} == {one, other}
        )
        return min(strength, self.settings.tie_limit)

    def value(self, team, lead):
        wants, total = self.settings, sum(row["weight"] for row in self.needs.values())
        points = 0.0
        for capability, row in self.needs.items():
            weight = len(self.needs) * row["weight"] / total
            levels = [self.counted_level(n, capability) for n in team if self.holds(n, capability)]
            best = sorted(levels, reverse=True)[: self.fold]
            points += wants.quality_weight * weight * sum(best)
        points += wants.tie_weight * sum(self.tie(a, b) for a, b in combinations(team, 2))
        points -= wants.points_per_wan * sum(map(self.cost, team))
        return points - wants.distance_weight * sum(self.distance(lead, name) for name in team)

    def best(self):
        """Return the value of the best consortium, None if every one breaks a rule."""
        able = [name for name in self.organisations if self.may_join(name)]
        values = [
            self.value(team, lead)
            for size in range(1, min(len(able), self.call["member_limit"]) + 1)
            for team in combinations(able, size)
            for lead in team
            if not self.broken(team, lead)
        ]
        return max(values, default=None)
