from __future__ import annotations

import numpy as np
import pytest

from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.lexical import query_grams, query_words
from jicheng.retrieval.terms import glosses_in, stem, term_pairs

TEXTS = {
    "t1": "RV-40E 精密减速器，用于工业机器人关节",
    "t2": "RV-110N 减速器的齿轮磨削",
    "t3": "依据GB/T 2260-2007的行政区划代码服务",
    "t4": "Ti-6Al-4V powder for selective laser melting",
    "t5": "Harmonic drives with low backlash",
    "t6": "机器人视觉引导",
    "t7": "深圳市某某精密轴承有限公司的角接触轴承",
    "t8": "Inconel 718 turbine discs",
}
WORDS_ONLY = RetrievalSettings(engines=())


@pytest.fixture(scope="module")
def index() -> TextIndex:
    return TextIndex.build(Corpus.of(TEXTS), WORDS_ONLY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("RV40E", "t1"), ("rv 40e", "t1"), ("GB/T2260", "t3"), ("TI6AL4V", "t4"),
        ("RV-4OE", "t1"),  # the letter O for a nought
        ("R-V40E", "t1"), ("RV-1l0N", "t2"), ("Ti-6AL-4U", "t4"), ("Inconell 718", "t8"),
        ("精蜜轴承", "t7"),  # one wrong character
    ],
)  # fmt: skip
def test_names_and_codes_are_found_in_spite_of_spelling(
    index: TextIndex, query: str, found: str
) -> None:
    hits = index.search(query)
    assert index.corpus.ids[hits.place[hits.order()[0]]] == found


def test_the_list_of_terms_finds_texts_in_the_other_language(index: TextIndex) -> None:
    found = index.search("谐波减速机")
    at = found.place.tolist().index(index.corpus.ids.index("t5"))
    assert found.parts["words"][at] > 0
    without = TextIndex.build(index.corpus, RetrievalSettings(engines=(), gloss_boost=0))
    assert index.corpus.ids.index("t5") not in without.search("谐波减速机").place


def test_a_text_that_shares_nothing_with_the_query_is_not_found(index: TextIndex) -> None:
    plain = TextIndex.build(index.corpus, RetrievalSettings(engines=(), gloss_boost=0))
    assert len(plain.search("量子计算")) == 0
    for query in ("", "的了。"):
        assert len(index.search(query)) == 0


def test_terms_of_the_list_widen_a_query() -> None:
    words = query_words("谐波减速机", gloss_boost=0.5)
    assert words["harmonic"] == words["减速器"] == 0.5  # and its other Chinese name
    assert words["谐波"] == 1.0
    assert query_grams("谐波减速机", gloss_boost=0.5)["har"] == 0.25
    assert set(query_words("谐波减速机", gloss_boost=0)) == {"谐波", "减速机"}


def test_longer_terms_go_before_shorter_ones_and_both_directions_are_known() -> None:
    assert [gloss.term for gloss in glosses_in("新型谐波减速器")] == ["谐波减速器"]
    assert any("谐波减速器" in gloss.others for gloss in glosses_in("Harmonic Drives"))


def test_list_of_terms_is_whole_and_says_whose_it_is() -> None:
    pairs = term_pairs()
    chinese = [name for zh, _ in pairs for name in zh]
    assert all(zh and en for zh, en in pairs)
    assert len(chinese) == len(set(chinese))


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("bearings", "bearing"), ("batteries", "battery"), ("gas", "gas"), ("glass", "glass"),
        ("analysis", "analysis"), ("status", "status"), ("轴承", "轴承"), ("shoes", "shoe"),
    ],
)  # fmt: skip
def test_stem_takes_off_plurals_only(word: str, plain: str) -> None:
    assert stem(word) == plain


def test_z_of_a_language_do_not_depend_on_texts_of_the_other() -> None:
    some = {f"z{i}": f"轴承钢第{i}炉{'寿命' * (i % 3)}" for i in range(30)}
    other = {f"e{i}": f"bearing steel heat {i}" for i in range(30)}
    alone = TextIndex.build(Corpus.of(some), WORDS_ONLY).search("轴承寿命")
    both = TextIndex.build(Corpus.of(some | other), WORDS_ONLY)
    hits = both.search("轴承寿命")
    rows = np.flatnonzero(both.corpus.languages[hits.place] == "zh")
    best = [both.corpus.ids[hits.place[i]] for i in hits.order() if i in rows]
    assert len(best) == len(alone)
    # idf changes with the corpus, so values move a little; the scale does not
    assert hits.parts["words"][rows].std() == pytest.approx(alone.parts["words"].std(), abs=0.2)
