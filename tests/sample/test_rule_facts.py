"""Facts for rule packs in the sample: holders still meet their titles, gaps stay gaps."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.sample import generate
from jicheng.sample.frames import PERIOD
from jicheng.sample.rule_facts import UNITS
from jicheng.zone import Zone


@pytest.fixture(scope="module")
def zone() -> Zone:
    return generate(scale="small", seed=1).zone


def firms(zone: Zone) -> pl.DataFrame:
    return zone["organisations"].filter((pl.col("kind") == "firm") & pl.col("zone").is_not_null())


def holders(zone: Zone, kind: str) -> list[str]:
    return zone["qualifications"].filter(kind=kind)["holder"].to_list()


def latest(zone: Zone, name: str) -> dict[str, float]:
    rows = zone["indicators"].filter(indicator=name, period=PERIOD)
    return dict(rows.select("subject", "value").iter_rows())


@pytest.mark.parametrize("name", sorted(UNITS))
def test_fact_has_rows_with_its_unit(zone: Zone, name: str) -> None:
    rows = zone["indicators"].filter(indicator=name)
    assert rows.height > 0
    assert set(rows["unit"]) == {UNITS[name]}
    assert rows["value"].null_count() == 0


def test_facts_of_points_are_known_of_nearly_every_firm(zone: Zone) -> None:
    known = latest(zone, "provincial_projects_2y")
    share = 1.0 - len(known) / firms(zone).height
    assert 0.005 < share < 0.08


@pytest.mark.parametrize("name", ["product_class", "rd_institution_level"])
def test_choice_is_a_word_of_the_dictionary_for_some_firms_only(zone: Zone, name: str) -> None:
    rows = zone["indicators"].filter(indicator=name)
    assert set(rows["text"]) <= {one.value for one in fact_dictionary()[name].choices}
    assert rows["value"].null_count() == rows.height
    assert 0 < rows.height < 0.5 * firms(zone).height


@pytest.mark.parametrize("name", sorted(UNITS))
def test_fact_is_in_the_dictionary(name: str) -> None:
    assert fact_dictionary()[name].origin in ("indicator", "input")


def test_little_giants_mostly_hold_a_tenth_of_their_niche(zone: Zone) -> None:
    large = generate(scale="zone", seed=11).zone
    shares = latest(large, "national_niche_share")
    known = [shares[name] for name in holders(large, "little_giant") if name in shares]
    assert 0.85 < sum(share >= 0.1 for share in known) / len(known) < 1.0


def test_nobody_is_judged_in_part(zone: Zone) -> None:
    rows = zone["indicators"].filter(pl.col("indicator").str.starts_with("judged."))
    counts = rows.group_by("subject").len()["len"]
    assert set(counts) == {6}
    asked = latest(zone, "own_brand")
    assert 0 < len(counts) < len(asked)


def test_awards_have_a_rank_and_titles_none(zone: Zone) -> None:
    large = generate(scale="zone", seed=11).zone["qualifications"]
    awards = large.filter(
        pl.col("kind").is_in(["national_award", "provincial_award", "maker_china_group"])
    )
    assert awards["rank"].null_count() == 0
    assert awards["valid_until"].null_count() == awards.height
    titles = large.filter(kind="high_tech_enterprise")
    assert titles["rank"].null_count() == titles.height
