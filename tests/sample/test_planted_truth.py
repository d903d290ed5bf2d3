"""The planted facts, recomputed from the zone's raw tables by nothing of the analysis."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest

from jicheng.sample import Sample, Truth, generate
from jicheng.zone import Zone

CASES = [("small", 1), ("small", 2), ("small", 3), ("small", 8), ("zone", 1)]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def sample(request: pytest.FixtureRequest) -> Sample:
    scale, seed = request.param
    return generate(scale=scale, seed=seed)


def shares(zone: Zone, technology: str, basis: str) -> dict[str, float]:
    rows = zone["supply"].filter(
        (pl.col("technology") == technology)
        & (pl.col("basis") == basis)
        & (pl.col("system") == "country")
    )
    return dict(rows.select("supplier", "share").iter_rows())


def reachers(zone: Zone, capability: str, level: float, bound: str) -> set[str]:
    """Organisations of the zone that reach a level, they or their people, at a bound."""
    seats = dict(zone["people"].select("id", "organisation").iter_rows())
    inside = set(zone["organisations"].filter(pl.col("zone").is_not_null())["id"])
    unknown = 1.0 if bound == "level_high" else 0.0
    rows = zone["holdings"].filter(
        (pl.col("capability") == capability) & (pl.col(bound).fill_null(unknown) >= level)
    )
    return {seats.get(holder, holder) for holder in rows["holder"]} & inside


def left(zone: Zone, own: dict[str, float]) -> dict[str, float]:
    """What is left of every technology, by plain recursion over the raw arrows."""
    arrows: dict[str, list[tuple[str, str, str | None, float | None]]] = {}
    for s, t, relation, essentiality, weight in (
        zone["links"].select("source", "target", "relation", "essentiality", "weight").iter_rows()
    ):
        arrows.setdefault(t, []).append((s, relation, essentiality, weight))
    known: dict[str, float] = {}

    def output(name: str) -> float:
        if name not in known:
            into = arrows.get(name, [])
            members = [a for a in into if a[1] == "category"]
            group = members or into
            total = sum(1.0 if w is None else w for *_, w in group)
            lost = sum(
                (1.0 if w is None else w) / total * (1.0 - output(s))
                for s, relation, essentiality, w in group
                if relation == "category" or essentiality == "non_essential"
            )
            hard = [output(s) for s, r, e, _ in group if r == "input" and e != "non_essential"]
            known[name] = own.get(name, 1.0) * min([1.0 - lost, *hard])
        return known[name]

    return {name: output(name) for name in zone["technologies"]["id"]}


def lost_value(zone: Zone, own: dict[str, float]) -> float:
    final = zone["technologies"].drop_nulls("final_value").select("id", "final_value")
    values = dict(final.iter_rows())
    outputs = left(zone, own)
    return sum(v * (1.0 - outputs[f]) for f, v in values.items()) / sum(values.values())


def test_planted_technologies_have_no_home_supplier_to_speak_of(sample: Sample) -> None:
    for technology in sample.truth.chokepoints:
        for basis in ("world", "CHN"):
            assert shares(sample.zone, technology, basis).get("CHN", 0.0) <= 0.02


def test_planted_technologies_are_held_by_one_or_two_restricting_countries(
    sample: Sample,
) -> None:
    risk = dict(
        sample.zone["restrictions"]
        .filter((pl.col("target") == "CHN") & pl.col("technology").is_null()
                & (pl.col("scenario") == "baseline"))
        .select("country", pl.col("risk") * pl.col("trade"))
        .iter_rows()
    )  # fmt: skip
    planted = sample.truth.technologies.filter(pl.col("is_chokepoint"))
    for technology, countries in planted.select("technology", "withheld_by").iter_rows():
        holders = countries.split(";")
        assert 1 <= len(holders) <= 2
        assert min(risk[name] for name in holders) >= 0.4
        for basis in ("world", "CHN"):
            held = shares(sample.zone, technology, basis)
            assert sum(held[name] for name in holders) >= 0.79


def test_evidence_of_planted_technologies_is_fresh_and_complete(sample: Sample) -> None:
    rows = sample.zone["supply"].filter(pl.col("technology").is_in(sample.truth.chokepoints))
    assert rows["share"].null_count() == 0
    assert rows["period"].min() >= 2022
    mass = rows.group_by("technology", "basis").agg(pl.col("share").sum())
    assert mass.height == 2 * len(sample.truth.chokepoints)
    assert mass["share"].is_between(0.99, 1.0).all()


def test_stop_of_a_planted_technology_costs_over_five_percent(sample: Sample) -> None:
    for technology in sample.truth.chokepoints:
        assert lost_value(sample.zone, {technology: 0.0}) >= 0.065


def test_ordinary_technologies_have_a_home_supplier_and_no_dominant_threat(
    sample: Sample,
) -> None:
    ordinary = sample.truth.technologies.filter(pl.col("role") == "ordinary")
    for technology, basis in product(ordinary["technology"], ("world", "CHN")):
        held = shares(sample.zone, technology, basis)
        if held:
            assert held["CHN"] >= 0.11
            abroad = [share for name, share in held.items() if name != "CHN" and share is not None]
            assert max(abroad) <= 0.281


def test_technologies_without_data_have_no_rows(sample: Sample) -> None:
    silent = sample.truth.technologies.filter(pl.col("role") == "no_data")
    listed = set(sample.zone["supply"]["technology"])
    assert silent.height > 0
    assert listed.isdisjoint(silent["technology"])


def test_few_are_borderline(sample: Sample) -> None:
    truth = sample.truth.technologies
    assert truth.filter(pl.col("role") == "borderline").height <= 0.1 * truth.height


def test_traps_are_no_chokepoints_in_the_figure_that_tells_them_apart(sample: Sample) -> None:
    technologies = sample.zone["technologies"]
    role = dict(sample.truth.technologies.select("technology", "role").iter_rows())
    for row in technologies.iter_rows(named=True):
        name, kind = row["id"], role[row["id"]]
        bought, made = shares(sample.zone, name, "CHN"), shares(sample.zone, name, "world")
        if kind == "home_dominated":
            assert min(bought["CHN"], made["CHN"]) >= 0.75
        elif kind == "sourced_at_home":
            assert bought["CHN"] >= 0.85
            assert made.get("CHN", 0.0) <= 0.02
        elif kind == "second_source":
            assert row["second_source"] >= 0.9
        elif kind == "substitutable":
            assert row["substitutability"] <= 0.05
        elif kind == "low_impact":
            assert lost_value(sample.zone, {name: 0.0}) <= 0.03
        elif kind == "low_risk":
            assert max(made, key=made.__getitem__) in {
                "CHE", "MYS", "CHL", "BRA", "ZAF", "VNM", "THA", "KAZ", "SGP",
            }  # fmt: skip


def test_concentration_alone_would_be_wrong_about_the_traps() -> None:
    sample = generate(scale="zone", seed=1)
    known = sample.zone["supply"].filter(
        (pl.col("basis") == "world") & (pl.col("system") == "country")
    )
    concentration = known.group_by("technology").agg((pl.col("share") ** 2).sum().alias("hhi"))
    naive = concentration.with_columns(
        verdict=pl.when(pl.col("hhi") >= 0.5).then(pl.lit("chokepoint")).otherwise(pl.lit("safe"))
    )
    recovery = sample.truth.recovery(naive)
    assert len(recovery.false) >= len(sample.truth.chokepoints)


def test_scarce_capabilities_are_held_as_planted(sample: Sample) -> None:
    level_of = {
        (t, c): level
        for t, c, level in sample.zone["needs"].select("technology", "capability", "level").rows()
    }
    planted = sample.truth.challenges.filter(pl.col("scarcity") != "common")
    assert set(planted["scarcity"]) == {"scarce", "irreplaceable", "impossible"}
    assert set(planted["technology"]) == set(sample.truth.chokepoints)
    for row in planted.iter_rows(named=True):
        level = level_of[row["technology"], row["capability"]]
        sure = reachers(sample.zone, row["capability"], level, "level_low")
        at_most = reachers(sample.zone, row["capability"], level, "level_high")
        if row["scarcity"] == "impossible":
            assert at_most == set()
            assert row["holder"] not in at_most
        elif row["scarcity"] == "irreplaceable":
            assert sure == at_most == {row["holder"]}
        else:
            assert sure == at_most
            assert len(sure) == 2


def covers(zone: Zone, technology: str, members: list[str], r_fold: int) -> bool:
    wanted = zone["needs"].filter(pl.col("technology") == technology)
    for capability, level in wanted.select("capability", "level").iter_rows():
        holders = reachers(zone, capability, level, "level_low") & set(members)
        if len(holders) < r_fold:
            return False
    return True


def test_planted_consortia_cover_every_need_under_the_rules(sample: Sample) -> None:
    kind = dict(sample.zone["organisations"].select("id", "kind").iter_rows())
    size = dict(sample.zone["organisations"].select("id", "size").iter_rows())
    rules = {row["id"]: row for row in sample.zone["challenges"].iter_rows(named=True)}
    for row in sample.truth.challenges.iter_rows(named=True):
        members, rule = row["consortium"].split(";"), rules[row["challenge"]]
        is_covered = covers(sample.zone, row["technology"], members, rule["r_fold"])
        assert is_covered == row["is_feasible"]
        assert len(set(members)) == len(members) <= rule["member_limit"]
        assert kind[members[0]] in rule["lead_kinds"].split(";")
        assert {kind[name] for name in members} & {"institute", "university", "platform"}
        small = sum(size[name] in ("small", "micro") for name in members)
        assert small / len(members) >= (rule["small_firm_share"] or 0.0)


def test_infeasible_challenges_are_infeasible_for_the_whole_zone(sample: Sample) -> None:
    everybody = sample.zone["organisations"]["id"].to_list()
    for row in sample.truth.challenges.filter(~pl.col("is_feasible")).iter_rows(named=True):
        assert not covers(sample.zone, row["technology"], everybody, 1)


def test_pairs_are_worth_more_together_than_apart(sample: Sample) -> None:
    zone = sample.zone
    assert sample.truth.pairs.height > 0
    for first, second, final, country in sample.truth.pairs.iter_rows():
        own = {
            name: 1.0
            - ((shares(zone, name, "CHN") or shares(zone, name, "world")).get(country) or 0.0)
            for name in zone["technologies"]["id"]
        }
        before = left(zone, own)[final]
        one = left(zone, own | {first: 1.0})[final] - before
        other = left(zone, own | {second: 1.0})[final] - before
        both = left(zone, own | {first: 1.0, second: 1.0})[final] - before
        assert both > one + other + 0.1


def test_recovery_counts_found_missed_safe_and_false() -> None:
    truth = Truth(
        technologies=pl.DataFrame({
            "technology": ["a", "b", "c", "d", "e"],
            "role": ["chokepoint", "chokepoint", "chokepoint", "ordinary", "borderline"],
            "is_chokepoint": [True, True, True, False, None],
            "withheld_by": [""] * 5,
        }),
        challenges=pl.DataFrame(),
        pairs=pl.DataFrame(),
        scale="small",
        seed=1,
    )  # fmt: skip
    verdicts = pl.DataFrame({
        "technology": ["a", "b", "d", "e"],
        "verdict": ["chokepoint", "safe", "chokepoint", "chokepoint"],
    })  # fmt: skip
    recovery = truth.recovery(verdicts)
    assert (recovery.found, recovery.missed) == (("a",), ("b", "c"))
    assert (recovery.called_safe, recovery.false) == (("b",), ("d",))
    assert recovery.recall == pytest.approx(1 / 3)
    assert recovery.false_rate == 1.0
