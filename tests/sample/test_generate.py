"""A generated sample: deterministic, consistent, of the paper's size, marked as made up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from jicheng.conform import conform
from jicheng.errors import InvalidInput
from jicheng.sample import Sample, generate, write
from jicheng.schema import zone_tables
from jicheng.zone import Zone


@pytest.fixture(scope="module")
def large() -> Sample:
    return generate(scale="zone", seed=11)


def test_equal_arguments_give_equal_tables_and_truth() -> None:
    one, other = generate(scale="small", seed=3), generate(scale="small", seed=3)
    assert one.zone.content_hash == other.zone.content_hash
    assert one.truth.technologies.equals(other.truth.technologies)
    assert one.truth.challenges.equals(other.truth.challenges)


def test_another_process_gives_the_same_tables() -> None:
    script = (
        "from jicheng.sample import generate;"
        "print(generate(scale='small', seed=3).zone.content_hash)"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": value},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for value in ("1", "2")
    }
    assert hashes == {generate(scale="small", seed=3).zone.content_hash}


def test_another_seed_plants_another_truth() -> None:
    planted = {generate(scale="small", seed=seed).truth.chokepoints for seed in range(4)}
    assert len(planted) > 1


def test_unknown_scale_is_refused() -> None:
    with pytest.raises(InvalidInput, match="E701"):
        generate(scale="huge", seed=1)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(InvalidInput, match="E702"):
        generate(scale="small", seed=-1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_small_sample_follows_schema_and_rules(seed: int) -> None:
    zone = generate(scale="small", seed=seed).zone
    assert zone.check() == []
    for name, frame in zone.tables.items():
        typed, faults = conform(zone_tables()[name], frame)
        assert faults == []
        assert typed.equals(frame)


def test_every_table_has_rows_and_every_row_is_marked() -> None:
    zone = generate(scale="small", seed=1).zone
    assert zone.is_sample
    assert set(zone.tables) == set(zone_tables())
    for name, frame in zone.tables.items():
        assert frame.height > 0
        mark = "origin" if name == "links" else "source"
        assert set(frame[mark]) == {"sample"}
        assert frame["as_of"].null_count() == 0
    assert "sample, generated, seed 1" in zone.sources[0].title


def test_large_sample_follows_the_rules(large: Sample) -> None:
    assert large.zone.check() == []


def test_large_sample_has_the_figures_of_the_paper(large: Sample) -> None:
    organisations = large.zone["organisations"]
    inside = organisations.filter(pl.col("zone").is_not_null())
    kinds = dict(inside.group_by("kind").len().iter_rows())
    tiers = dict(inside.drop_nulls("tier").group_by("kind", "tier").len().select(
        pl.concat_str("kind", "tier", separator=" "), "len").iter_rows())  # fmt: skip
    titles = dict(large.zone["qualifications"].group_by("kind").len().iter_rows())
    people = dict(large.zone["people"].group_by("kind").len().iter_rows())
    assert kinds["firm"] == 40_000
    assert kinds["institute"] == 1_000
    assert (tiers["platform 2"], tiers["platform 3"], kinds["platform"]) == (2, 3, 43)
    assert tiers["institute 省级高水平创新研究院"] == 9
    assert titles["high_tech_enterprise"] > 3_000
    assert (titles["little_giant"], titles["listed"]) == (118, 87)
    assert people["person"] == 1_000
    assert large.zone["sites"].height == 4
    intensity = large.zone["indicators"].filter(
        (pl.col("indicator") == "rd_intensity") & (pl.col("period") == 2025)
    )
    assert intensity["value"].to_list() == [0.0665]


def test_names_and_codes_are_unique(large: Sample) -> None:
    organisations = large.zone["organisations"]
    assert organisations["name"].n_unique() == organisations.height
    codes = organisations["credit_code"].drop_nulls()
    assert codes.n_unique() == len(codes)
    assert len(codes) == organisations.filter(pl.col("country") == "CHN").height


def test_high_tech_enterprises_meet_the_gates_of_their_rule_pack(large: Sample) -> None:
    holders = large.zone["qualifications"].filter(pl.col("kind") == "high_tech_enterprise")
    figures = (
        large.zone["indicators"]
        .filter((pl.col("period") == 2025) & pl.col("subject").is_in(holders["holder"].implode()))
        .pivot("indicator", index="subject", values="value")
    )
    staff = figures.drop_nulls(["tech_staff", "staff_total"])
    income = figures.drop_nulls(["ht_product_income", "total_income"])
    assert staff.height > 2_500
    assert (staff["tech_staff"] >= 0.1 * staff["staff_total"] - 1.0).all()
    assert (income["ht_product_income"] >= 0.6 * income["total_income"] - 1e3).all()


def test_sales_stay_below_revenue_and_follow_chains(large: Sample) -> None:
    sales = large.zone["sales"]
    n_firms = 40_000
    assert 5.0 <= sales.height / n_firms <= 8.0
    sold = sales.group_by("supplier").agg(pl.col("amount").sum() * 1e4)
    revenue = large.zone["indicators"].filter(
        (pl.col("indicator") == "revenue") & (pl.col("period") == 2025)
    )
    both = sold.join(revenue, left_on="supplier", right_on="subject")
    assert (both["amount"] <= 0.61 * both["value"] + 5e3).all()


def test_written_package_loads_as_the_same_zone_without_the_truth(tmp_path: Path) -> None:
    sample = generate(scale="small", seed=5)
    write(sample, tmp_path / "zone")
    loaded = Zone.load(tmp_path / "zone")
    assert loaded.content_hash == sample.zone.content_hash
    assert loaded.sources[0].title == sample.zone.sources[0].title
    planted = pl.read_csv(tmp_path / "zone.truth" / "planted_technologies.csv")
    found = planted.filter(pl.col("is_chokepoint"))["technology"]
    assert tuple(found) == sample.truth.chokepoints


def test_writing_twice_replaces_the_first(tmp_path: Path) -> None:
    write(generate(scale="small", seed=5), tmp_path / "zone")
    second = generate(scale="small", seed=6)
    write(second, tmp_path / "zone")
    assert Zone.load(tmp_path / "zone").content_hash == second.zone.content_hash
