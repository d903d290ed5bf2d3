from __future__ import annotations

import math

import polars as pl
import pytest

from jicheng.errors import InvalidInput, Where
from jicheng.integrate.profile.evidence import answers_frame, held_answers
from jicheng.integrate.profile.review import (
    LEAST_ANSWERS,
    read_labels,
    refitted,
    uncertain_texts,
)
from profile_builders import (
    CATERING_TEXT,
    COATING_TEXT,
    MULTILAYER,
    ON,
    OPTICS,
    text,
    text_zone,
    words_classifier,
)

VAGUE = "光学元件表面沉积薄膜并检测其反射率。"


def place(row: int, column: str) -> Where:
    return Where(sheet="复核", row=row + 2, column=column)


def test_uncertain_text_is_asked_about_and_certain_ones_are_not() -> None:
    zone = text_zone(
        [text("sure", COATING_TEXT), text("food", CATERING_TEXT), text("vague", VAGUE)], [],
        capabilities=words_classifier().capabilities,
    )  # fmt: skip
    labels = words_classifier().classify(zone["texts"])
    asked = uncertain_texts(zone, words_classifier(), labels)
    assert set(asked["text"]) == {"vague"}
    assert asked["score"].is_sorted(descending=True)
    assert asked["capability_name"].null_count() == 0


def test_text_with_an_answer_is_not_asked_about_again() -> None:
    zone = text_zone([text("t", VAGUE)], [], capabilities=words_classifier().capabilities)
    labels = words_classifier().classify(zone["texts"])
    for answer, capability, n_asked in (("yes", OPTICS, 0), ("none", None, 0), ("no", OPTICS, 1)):
        row = {"text": "t", "capability": capability, "answer": answer, "who": "", "date": ""}
        said = pl.DataFrame([row], schema=answers_frame().schema)
        asked = uncertain_texts(zone, words_classifier(), labels, said)
        assert asked["text"].n_unique() == n_asked


def test_answers_come_back_under_the_name_of_who_gave_them() -> None:
    zone = text_zone([text("t", VAGUE)], [], capabilities=words_classifier().capabilities)
    table = pl.DataFrame({"text": ["t", "t"], "capability": [MULTILAYER, OPTICS],
                          "confirm": ["是", "否"]})  # fmt: skip
    said = read_labels(zone, table, place, who="李四", on=ON)
    assert said.rows() == [
        ("t", MULTILAYER, "yes", "李四", "2026-11-24"), ("t", OPTICS, "no", "李四", "2026-11-24"),
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="E034"):
        read_labels(zone, table.with_columns(text=pl.lit("gone")), place, who="李四", on=ON)


def test_few_answers_leave_the_calibration_as_it_was() -> None:
    zone = text_zone([text("t", VAGUE)], [])
    said = answers_frame().vstack(pl.DataFrame(
        [("t", MULTILAYER, "yes", "x", "2026-01-01")], schema=answers_frame().schema, orient="row"
    ))  # fmt: skip
    made = refitted(zone, words_classifier(), said)
    assert made.calibration is words_classifier().calibration
    assert [found.code for found in made.warnings] == ["E049"]


def test_many_answers_move_the_chances_towards_them() -> None:
    bodies = [f"{VAGUE}批次{k}。" for k in range(LEAST_ANSWERS)]
    zone = text_zone([text(f"t{k:03d}", body) for k, body in enumerate(bodies)], [])
    said = pl.DataFrame(
        [(f"t{k:03d}", MULTILAYER, "yes", "x", "2026-01-01") for k in range(LEAST_ANSWERS)],
        schema=answers_frame().schema, orient="row",
    )  # fmt: skip
    classifier = words_classifier()
    made = refitted(zone, classifier, said)
    assert made.n_texts == LEAST_ANSWERS
    assert made.after < made.before
    assert all(value >= 0 for value in made.calibration.coefficients.values())
    assert math.isfinite(made.calibration.none)
    assert f"refitted on {LEAST_ANSWERS} texts" in made.calibration.origin.en
    assert f"{LEAST_ANSWERS} 个文本" in made.calibration.origin.zh


def test_texts_of_which_only_guesses_were_refused_are_not_fitted_as_none_of_these() -> None:
    zone = text_zone([text(f"t{k:03d}", f"{VAGUE}批次{k}。") for k in range(LEAST_ANSWERS)], [])
    refused = pl.DataFrame(
        [(f"t{k:03d}", MULTILAYER, "no", "x", "2026-01-01") for k in range(LEAST_ANSWERS)],
        schema=answers_frame().schema, orient="row",
    )  # fmt: skip
    made = refitted(zone, words_classifier(), refused)
    assert made.n_texts == 0
    assert made.calibration is words_classifier().calibration


def test_none_of_these_is_kept_as_one_answer_of_the_text() -> None:
    zone = text_zone([text("t", VAGUE)], [], capabilities=words_classifier().capabilities)
    table = pl.DataFrame({"text": ["t", "t", "t"], "capability": [MULTILAYER, OPTICS, None],
                          "confirm": ["以上都不是", "否", " None of  these "]})  # fmt: skip
    said = read_labels(zone, table, place, who="李四", on=ON)
    assert said.rows() == [
        ("t", None, "none", "李四", "2026-11-24"), ("t", OPTICS, "no", "李四", "2026-11-24"),
    ]  # fmt: skip


def test_none_of_these_beside_a_yes_or_of_an_unknown_text_is_refused_by_cell() -> None:
    zone = text_zone([text("t", VAGUE)], [], capabilities=words_classifier().capabilities)
    table = pl.DataFrame({"text": ["t", "t", "gone"], "capability": [MULTILAYER, OPTICS, OPTICS],
                          "confirm": ["是", "none", "none"]})  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        read_labels(zone, table, place, who="李四", on=ON)
    assert [(one.code, one.where.row, one.where.column) for one in caught.value.faults] == [
        ("E034", 4, "text"), ("E059", 3, "confirm"),
    ]  # fmt: skip


def test_none_takes_back_what_was_said_before_and_a_later_yes_stands_beside_it() -> None:
    rows = [
        ("t", MULTILAYER, "yes"),
        ("t", None, "none"),
        ("u", OPTICS, "no"),
        ("t", OPTICS, "yes"),
    ]
    said = pl.DataFrame(
        [(*row, "x", "2026-01-01") for row in rows], schema=answers_frame().schema, orient="row"
    )
    assert held_answers(said).select("text", "capability", "answer").rows() == rows[1:]


def test_texts_that_show_none_move_the_chance_of_none() -> None:
    bodies = [f"{VAGUE}批次{k}。" for k in range(LEAST_ANSWERS)]
    zone = text_zone([text(f"t{k:03d}", body) for k, body in enumerate(bodies)], [])
    none = pl.DataFrame(
        [(f"t{k:03d}", None, "none", "x", "2026-01-01") for k in range(LEAST_ANSWERS)],
        schema=answers_frame().schema, orient="row",
    )  # fmt: skip
    classifier = words_classifier()
    made = refitted(zone, classifier, none)
    assert made.n_texts == LEAST_ANSWERS
    assert made.after < made.before
    assert made.calibration.none > classifier.calibration.none
