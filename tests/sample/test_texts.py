"""Texts of the sample: they show what is held, in both languages, and give nothing away."""

from __future__ import annotations

import re

import polars as pl
import pytest

from jicheng.sample import Sample, generate
from jicheng.sample.frames import data

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(scale="small", seed=7)


def test_every_text_is_marked_as_made_up(sample: Sample) -> None:
    texts = sample.zone["texts"]
    assert texts["number"].str.starts_with("SAMPLE-").all()
    assert set(texts["source"]) == {"sample"}
    assert texts["number"].n_unique() == texts.height


def test_texts_come_in_all_kinds_and_both_languages(sample: Sample) -> None:
    texts = sample.zone["texts"]
    patterns = data("text_patterns")
    assert set(texts["kind"]) == set(patterns["kind"])
    english = [body for body in texts["body"] if not HAN.search(body)]
    assert 0.05 * texts.height < len(english) < 0.4 * texts.height
    assert not texts["body"].str.contains(r"[{}]|，，|。。|  ").any()


def test_only_patents_have_patent_classes(sample: Sample) -> None:
    texts = sample.zone["texts"]
    assert texts.filter(pl.col("codes").is_not_null())["kind"].unique().to_list() == ["patent"]
    assert texts.filter(pl.col("kind") == "patent")["codes"].null_count() == 0


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_evidence_only_shows_what_is_held(seed: int) -> None:
    zone = generate(scale="small", seed=seed).zone
    held = zone["holdings"].select("holder", "capability")
    shown = zone["evidence"].select("holder", "capability")
    assert shown.join(held, on=["holder", "capability"], how="anti").height == 0


def test_sentence_of_evidence_stands_in_its_text(sample: Sample) -> None:
    shown = sample.zone["evidence"].join(sample.zone["texts"], left_on="text", right_on="id")
    assert shown.height == sample.zone["evidence"].height
    assert all(s in b for s, b in shown.select("sentence", "body").iter_rows())
    assert shown["score"].is_between(0.7, 0.98).all()


def test_every_holder_shown_is_a_party_of_the_text(sample: Sample) -> None:
    parties = sample.zone["text_parties"]
    lost = sample.zone["evidence"].join(
        parties, left_on=["text", "holder"], right_on=["text", "party"], how="anti"
    )
    assert lost.height == 0


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_no_party_would_become_a_holder_of_what_is_scarce(seed: int) -> None:
    """Whoever reads the texts must not find a holder that the planted truth denies."""
    sample = generate(scale="small", seed=seed)
    zone = sample.zone
    scarce = (
        zone["needs"]
        .filter(pl.col("technology").is_in(list(sample.truth.chokepoints)))["capability"]
        .unique()
    )
    holders = zone["holdings"].group_by("capability").len()
    few = holders.filter(pl.col("len") <= 2, pl.col("capability").is_in(scarce.implode()))
    shown = (
        zone["evidence"]
        .filter(pl.col("capability").is_in(few["capability"].implode()))
        .join(zone["text_parties"], on="text")
        .filter(pl.col("party").str.starts_with("org:"))
    )
    held = zone["holdings"].select("holder", "capability")
    assert (
        shown.join(
            held, left_on=["party", "capability"], right_on=["holder", "capability"], how="anti"
        ).height
        == 0
    )


def test_partners_have_a_tie_of_that_kind_and_year(sample: Sample) -> None:
    zone = sample.zone
    ties = {
        (a, b, kind, period)
        for a, b, kind, period in zone["ties"].select("a", "b", "kind", "period").iter_rows()
    }
    kinds = {"patent": "co_patent", "paper": "co_author", "project": "project"}
    parties = zone["text_parties"].filter(pl.col("party").str.starts_with("facility").not_())
    whole = parties.join(
        zone["texts"].select("id", "kind", "period"), left_on="text", right_on="id"
    )
    partners = whole.filter(pl.col("role") == "partner")
    assert partners.height > 20
    for text, partner, kind, period in partners.select("text", "party", "kind", "period").rows():
        others = whole.filter((pl.col("text") == text) & (pl.col("role") != "partner"))["party"]
        assert any((*sorted((one, partner)), kinds[kind], period) in ties for one in others)


def test_self_reported_holdings_have_no_text_of_their_own(sample: Sample) -> None:
    zone = sample.zone
    said = zone["holdings"].filter(pl.col("evidence") == "自报")
    shown = said.join(zone["evidence"], on=["holder", "capability"], how="inner")
    assert shown.height < 0.5 * said.height


def test_patterns_are_complete() -> None:
    parts = data("text_patterns").group_by("kind", "language").agg(pl.col("part").unique())
    for kind, language, found in parts.iter_rows():
        assert set(found) == {"title", "opening", "evidence", "closing"}, (kind, language)
