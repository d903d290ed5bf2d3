"""The sample's data: complete in both languages, and chains that hold together."""

from __future__ import annotations

import re

import polars as pl
import pytest

from jicheng import taxonomy
from jicheng.sample.chains import Chains
from jicheng.sample.frames import data
from jicheng.sample.names import brands, part
from jicheng.sample.scales import SCALES
from jicheng.schema import countries

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", ["technologies", "capabilities"])
def test_names_are_there_and_unique_in_both_languages(name: str) -> None:
    frame = taxonomy.load() if name == "capabilities" else data(name)
    assert frame.select("id", "name", "name_en").null_count().sum_horizontal()[0] == 0
    for column in ("id", "name", "name_en"):
        assert frame[column].n_unique() == frame.height
    assert all(HAN.search(written) for written in frame["name"])
    assert not any(HAN.search(written) for written in frame["name_en"])


def test_references_inside_the_data_exist() -> None:
    technologies = set(data("technologies")["id"])
    capabilities = set(taxonomy.load()["id"])
    assert set(data("links")["source"]) | set(data("links")["target"]) <= technologies
    assert set(data("needs")["technology"]) <= technologies
    assert set(data("needs")["capability"]) <= capabilities
    assert set(taxonomy.load()["parent"].drop_nulls()) <= capabilities
    assert not data("needs").is_duplicated().any()


@pytest.mark.parametrize("scale", SCALES)
def test_every_technology_leads_to_a_final_product(scale: str) -> None:
    chains = Chains.of(SCALES[scale])
    assert all(chains.products.values())


@pytest.mark.parametrize("scale", SCALES)
def test_products_and_processes_have_inputs(scale: str) -> None:
    chains = Chains.of(SCALES[scale])
    made = chains.technologies.filter(pl.col("kind").is_in(["product", "process"]))["id"]
    assert [name for name in made if not chains.arrows[name]] == []


def test_weights_are_given_for_all_inputs_of_a_target_or_for_none() -> None:
    groups = (
        data("links")
        .group_by("target", "relation")
        .agg(pl.col("weight").count().alias("given"), pl.col("weight").sum(), pl.len().alias("n"))
    )
    weighed = groups.filter(pl.col("given") > 0)
    assert (weighed["given"] == weighed["n"]).all()
    assert weighed["weight"].to_list() == pytest.approx([1.0] * weighed.height, abs=0.001)


def test_paper_scale_has_the_chains_of_the_paper() -> None:
    chains = Chains.of(SCALES["zone"])
    assert set(chains.technologies["chain"]) == {
        "集成电路", "人工智能", "生物医药", "新型显示", "新能源汽车", "新材料", "低空经济",
    }  # fmt: skip
    assert 120 <= chains.technologies.height <= 200
    finals = chains.technologies.drop_nulls("final_value")
    assert finals.group_by("chain").len()["len"].is_between(1, 3).all()


def test_countries_are_known_and_leaders_restrict() -> None:
    rows = data("countries")
    assert set(rows["country"]) <= set(countries())
    restricting = set(rows.filter(pl.col("risk") * pl.col("trade") >= 0.4)["country"])
    for leaders in Chains.of(SCALES["zone"]).leaders.values():
        assert set(leaders) <= restricting


def test_blocked_brands_are_left_out() -> None:
    short, long = brands()
    blocked = {zh for zh, _ in part("blocked")}
    assert blocked.isdisjoint(short["brand"])
    assert not any(zh in brand for brand in long["brand"].head(5000) for zh in blocked)
