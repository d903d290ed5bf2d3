from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jicheng.retrieval import sentences_of


def test_sentences_of_both_languages() -> None:
    text = "轴承寿命短。能否提升？Tested at 3.5 kW. Good;\n第二行"
    shown = [sentence.text for sentence in sentences_of(text)]
    assert shown == ["轴承寿命短。", "能否提升？", "Tested at 3.5 kW.", "Good;", "第二行"]


@given(st.text(max_size=900) | st.text("轴承，。. a\n", max_size=900))
def test_sentences_are_what_stands_there_and_nothing_is_lost(text: str) -> None:
    sentences = sentences_of(text)
    covered = 0
    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        assert 0 < len(sentence.text) <= 300
        assert not text[covered : sentence.start].strip()
        covered = sentence.end
    assert not text[covered:].strip()
