from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.retrieval import grams_of, words_of
from jicheng.retrieval.words import words_with_places


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("用于RV-40E的轴承", ["用于", "rv-40e", "rv40e", "的", "轴承"]),
        ("GB/T 2260-2007", ["gb/t 2260-2007", "gbt22602007", "gbt2260"]),
        ("按GB/T 2260编码", ["按", "gb/t 2260", "gbt2260", "编码"]),
        ("ISO 9001:2015", ["iso 9001:2015", "iso90012015", "iso9001"]),
        ("Ti-6Al-4V", ["ti-6al-4v", "ti6al4v"]),
        ("ＲＶ－４０Ｅ", ["rv-40e", "rv40e"]),
        ("RV 40E", ["rv", "40e", "rv40e"]),
        ("3.5kW", ["3.5kw"]),
        ("C++ 与 PM2.5", ["c++", "与", "pm2.5"]),
        ("state-of-the-art", ["state", "of", "the", "art", "stateoftheart"]),
        ("", []),
        ("——，。!?", []),
    ],
)
def test_words_keep_codes_whole(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RV-40E", "rv40e"), ("RV-40E", "RV 40E"), ("GB/T 2260", "GBT2260"),
        ("GB/T 2260-2007", "gb/t2260"), ("Ti-6Al-4V", "TI6AL4V"), ("ＥＮ－１", "en1"),
    ],
)  # fmt: skip
def test_codes_written_in_two_ways_share_a_word(one: str, other: str) -> None:
    assert set(words_of(one)) & set(words_of(other))


def test_endless_runs_of_letters_are_no_words() -> None:
    assert words_of("a" * 5_000 + " 轴承") == ["轴承"]


@given(st.text(max_size=60) | st.text("轴承RV-40Eé／ﬁ①㎜ .+a", max_size=40))
def test_places_lie_in_the_text_and_words_are_the_same(text: str) -> None:
    placed = words_with_places(text)
    assert [word.text for word in placed] == words_of(text)
    for word in placed:
        assert 0 <= word.start < word.end <= len(text)
        assert text[word.start : word.end].strip()


def test_places_are_those_of_the_text_as_given() -> None:
    text = "㎜级ＲＶ－４０Ｅ减速器"
    shown = {word.text: text[word.start : word.end] for word in words_with_places(text)}
    assert shown["rv40e"] == "ＲＶ－４０Ｅ"
    assert shown["减速器"] == "减速器"


def test_grams_are_pairs_of_han_and_triples_of_codes() -> None:
    assert grams_of("轴承钢") == ["轴", "承", "钢", "轴承", "承钢"]
    assert grams_of("RV-4") == ["$rv", "rv4", "v4$"]


@given(st.text(max_size=60))
def test_grams_have_at_most_three_characters(text: str) -> None:
    assert all(1 <= len(gram) <= 3 for gram in grams_of(text))
