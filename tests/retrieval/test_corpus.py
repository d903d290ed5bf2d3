from __future__ import annotations

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.retrieval import Corpus, Language
from jicheng.retrieval.corpus import text_hash


def test_rows_are_in_the_order_of_ids_with_language_and_hash() -> None:
    corpus = Corpus.of(
        pl.DataFrame({"id": ["b", "a"], "text": ["轴承", "bearing"], "kind": ["x", "y"]})
    )
    assert corpus.table.columns == ["id", "text", "language", "hash"]
    assert corpus.ids == ["a", "b"]
    assert corpus.languages.tolist() == ["en", "zh"]
    assert corpus.rows_of(Language.ZH).tolist() == [1]
    assert corpus.table["hash"].to_list() == [text_hash("bearing"), text_hash("轴承")]


def test_texts_that_are_missing_are_no_rows_but_named() -> None:
    corpus = Corpus.of(pl.DataFrame({"id": ["a", "b", "c"], "text": ["轴承", None, " \n"]}))
    assert corpus.ids == ["a"]
    (fault,) = corpus.faults
    assert fault.code == "E002"
    assert fault.is_warning
    assert "b, c" in fault.message.zh


def test_ids_that_stand_twice_are_all_told() -> None:
    frame = pl.DataFrame({"id": ["a", "a", "b", "b", None], "text": ["x"] * 5})
    with pytest.raises(InvalidInput) as error:
        Corpus.of(frame)
    assert [fault.code for fault in error.value.faults] == ["E001"] * 3


def test_columns_that_are_missing_are_told() -> None:
    with pytest.raises(InvalidInput) as error:
        Corpus.of(pl.DataFrame({"id": ["a"]}))
    assert error.value.code == "E018"


def test_hash_of_a_corpus_changes_with_ids_and_texts_only() -> None:
    first = Corpus.of({"a": "轴承", "b": "x"})
    assert first.hash == Corpus.of({"b": "x", "a": "轴承"}).hash
    assert first.hash == Corpus.of({"a": " 轴承\n", "b": "x"}).hash
    assert first.hash != Corpus.of({"a": "轴承", "c": "x"}).hash
    assert first.hash != Corpus.of({"a": "轴承", "b": "y"}).hash


def test_a_corpus_may_be_empty_and_hold_unfit_characters() -> None:
    assert len(Corpus.of({})) == 0
    assert text_hash("a\0b\ud800") == text_hash("a b")
