from __future__ import annotations

from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.explanation import MatchKind, matches
from retrieval_builders import PlantedEmbedder, planted_texts


def test_matches_name_what_stands_in_the_text() -> None:
    text = "本公司的ＲＶ－４０Ｅ减速器；Harmonic drives for robots."
    found = matches("谐波减速机与RV40E的寿命", text)
    assert [(match.text, match.asked, match.kind) for match in found] == [
        ("ＲＶ－４０Ｅ", "rv40e", MatchKind.WORD),
        ("Harmonic drives", "谐波减速机", MatchKind.GLOSS),
    ]
    for match in found:
        assert text[match.start : match.end] == match.text


def test_stop_words_are_no_matches() -> None:
    assert matches("我们的轴承", "我们的电池") == ()


def test_sentences_are_judged_by_the_engine_that_is_named() -> None:
    texts = planted_texts() | {"long": "说明在此。雷达研究。轴承设计！Sales of radar."}
    settings = RetrievalSettings(engines=("planted",))
    index = TextIndex.build(Corpus.of(texts), settings, embedders=[PlantedEmbedder()])
    row = index.corpus.ids.index("long")
    shown = index.explain("轴承", row, most=2)
    assert shown.engine == "planted@1"
    assert shown.sentences[0].sentence.text == "轴承设计！"
    assert len(shown.sentences) == 2
    assert 0.5 < shown.sentences[0].similarity <= 1.0
    assert shown.sentences[0].similarity > shown.sentences[1].similarity


def test_by_words_alone_sentences_are_those_that_hold_them() -> None:
    index = TextIndex.build(
        Corpus.of({"a": "说明在此。雷达研究。轴承钢设计与轴承寿命！"}),
        RetrievalSettings(engines=()),
    )
    shown = index.explain("轴承寿命 雷达", 0)
    assert shown.engine == "bm25"
    assert [one.sentence.text for one in shown.sentences] == [
        "轴承钢设计与轴承寿命！",
        "雷达研究。",
    ]
    assert [round(one.similarity, 2) for one in shown.sentences] == [0.67, 0.33]
    assert index.explain("电池", 0).sentences == ()
