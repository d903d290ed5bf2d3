from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import jicheng.report
from jicheng.errors import Text
from jicheng.report.sections.methods import formulas
from jicheng.report.tables import STATES
from jicheng.report.wording import bilingual, choice, country, english, listed, name_of, say, texts
from jicheng.schema import choices, parameters

FOLDER = Path(jicheng.report.__file__).parent
SOURCES = "\n".join(
    file.read_text("utf-8")
    for pattern in ("**/*.py", "templates/*.html", "static/*.js")
    for file in sorted(FOLDER.glob(pattern))
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_is_there_in_both_languages_with_the_same_fields() -> None:
    faults = [
        key
        for key, text in texts().items()
        if fields(text.zh) != fields(text.en)
        or (bool(text.zh) != bool(text.en))
        or re.search(r"[\u3400-\u9fff]", text.en)
    ]
    assert faults == []


def test_every_text_is_used() -> None:
    made = ("state.", "decision.", "stage.", "unit.", "formula.", "threshold.", "flag.", "nav.",
            "side.", "figure.", "card.answer.", "found.answer.", "found.engine.",
            "method.", "methods.", "front.",
            "purses.", "sensitivity.", "decisions.", "scarce.", "fairness.", "withdrawals.",
            "losses.", "exceedance.", "countries.",
            "firms.", "years.", "overrun.", "points.")  # fmt: skip
    unused = [
        key
        for key in texts()
        if f'"{key}"' not in SOURCES and not key.startswith(made)
    ]  # fmt: skip
    assert unused == []


def test_every_state_has_a_word_and_a_meaning() -> None:
    for state in STATES:
        assert say(f"state.{state}").zh
        assert say(f"state.{state}.means").en


def test_words_of_states_differ() -> None:
    for language in ("zh", "en"):
        words = [say(f"state.{state}").in_language(language) for state in STATES]
        assert len(set(words)) == len(words)


def test_formulas_stand_in_both_languages() -> None:
    assert all(head.en and words.en and head.zh and words.zh for head, words in formulas())


def test_text_fields_are_filled_by_language() -> None:
    text = say("forced", decision=Text("排除", "Excluded"), reason="x")
    assert text == Text("排除，理由：x", "Excluded, because: x")


def test_number_chooses_its_noun() -> None:
    assert say("card.n_members", n=1) == Text("1 家成员", "1 member")
    assert say("card.n_members", n=3) == Text("3 家成员", "3 members")


def test_every_unit_of_a_parameter_has_words() -> None:
    units = {parameter.unit for parameter in parameters() if parameter.unit}
    assert {unit for unit in units if f"unit.{unit}" not in texts()} == set()


def test_chinese_stands_in_for_a_missing_english_field() -> None:
    assert english(say("summary.lead", name=Text("云山光学", ""))) == "Lead: 云山光学"


def test_name_without_english_keeps_it_empty() -> None:
    assert name_of({"name": "光刻机", "name_en": None}) == Text("光刻机", "")
    assert name_of({"name": None, "name_en": "Scanner"}) == Text("Scanner", "Scanner")
    assert name_of(None, "tech:x") == Text("tech:x", "tech:x")


def test_unknown_country_and_choice_stand_for_themselves() -> None:
    assert country("XYZ") == Text("XYZ", "XYZ")
    assert choice("verdict", "other") == Text("other", "other")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("资金不足 / No money left", "资金不足", "No money left"),
        ("资金 / 人才不足 / Money / people", "资金 / 人才不足", "Money / people"),
        ("链主企业急需", "链主企业急需", ""),
        ("甲 / 乙", "甲 / 乙", ""),
        (
            "条件：依托后者 / Asked for because: 依托后者",
            "条件：依托后者",
            "Asked for because: 依托后者",
        ),
    ],
)
def test_reason_in_both_languages_is_parted(text: str, zh: str, en: str) -> None:
    assert bilingual(text) == Text(zh, en)


def test_listed_uses_the_separators_of_each_language() -> None:
    assert listed([Text("甲", "A"), Text("乙", "")]) == Text("甲、乙", "A, 乙")


@pytest.mark.parametrize("value", [one.value for one in choices()["verdict"]])
def test_every_verdict_has_a_symbol(value: str) -> None:
    assert f'id="i-{value}"' in (FOLDER / "templates" / "icons.html").read_text("utf-8")
