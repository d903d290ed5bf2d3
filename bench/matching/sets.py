"""The made-up texts, needs and grades in folders; their READMEs say who may use what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.retrieval import Corpus

__all__ = ["BLIND", "Codes", "Needs", "as_titles", "codes", "labelled_texts", "needs"]

FOLDER = Path(__file__).parent
FIRST = "data"
BLIND = "data_blind"
"""A second set, by an author who had read neither the first one nor the engines."""


@dataclass(frozen=True)
class Needs:
    """Needs, texts, and how well each text answers each need.

    Attributes
    ----------
    challenges : DataFrame
        ``id``, ``text_zh``, ``text_en``, ``chain``.
    corpus : Corpus
        The texts, sorted by id.
    grades : ndarray of int64, shape (challenges, texts)
        2 answers the need, 1 helps with a part of it, 0 does neither.
    """

    challenges: pl.DataFrame
    corpus: Corpus
    grades: NDArray[np.int64]

    def asked(self, language: str) -> list[str]:
        """Return the needs as they are written in a language."""
        return self.challenges[f"text_{language}"].to_list()

    def columns(self, language: str) -> NDArray[np.bool_]:
        """Tell the texts of a language, or all of them (``all``)."""
        if language == "all":
            return np.ones(len(self.corpus), dtype=bool)
        return np.asarray(self.corpus.languages == language)


@dataclass(frozen=True)
class Codes:
    """Mistyped names, standards, grades and model numbers, and the texts that are meant.

    Attributes
    ----------
    table : DataFrame
        ``id``, ``query``, ``error`` (what is wrong with it), ``text``.
    corpus : Corpus
        The coded texts among those of the needs.
    wanted : ndarray of int64, shape (queries,)
        Row of the corpus that is meant.
    """

    table: pl.DataFrame
    corpus: Corpus
    wanted: NDArray[np.int64]


def needs(prefix: str = "", *, folder: str = FIRST) -> Needs:
    """Return the benchmark of a folder, or the set that anybody may use (``prefix="dev_"``)."""
    challenges = _read(f"{prefix}challenges", folder).sort("id")
    corpus = Corpus.of(_read("dev_texts" if prefix else "capabilities", folder))
    grades = np.zeros((challenges.height, len(corpus)), dtype=np.int64)
    row = {name: place for place, name in enumerate(challenges["id"])}
    column = {name: place for place, name in enumerate(corpus.ids)}
    for challenge, text, grade in _read(f"{prefix}judgements", folder).iter_rows():
        grades[row[challenge], column[text]] = int(grade)
    return Needs(challenges, corpus, grades)


def labelled_texts(name: str) -> pl.DataFrame:
    """Return ``held_out`` or ``chosen_on``, as texts that a classifier takes.

    Columns ``id``, ``title`` (empty), ``body``, ``codes`` (empty), ``language``, ``kind``
    and ``right`` (the leaf; missing: none of these), sorted by id.
    """
    table = _read(name).rename({"text": "body", "capability": "right"}).sort("id")
    nothing = pl.lit(None, pl.String)
    return table.with_columns(title=nothing, codes=nothing)


def as_titles(texts: pl.DataFrame) -> pl.DataFrame:
    """Return texts cut to what a title would hold: 20 characters in Chinese, else 60."""
    length = pl.when(pl.col("language") == "zh").then(20).otherwise(60)
    return texts.with_columns(pl.col("body").str.slice(0, length))


def codes() -> Codes:
    """Return the mistyped queries with the texts they are looked for in."""
    table = _read("codes").sort("id")
    corpus = Corpus.of(
        pl.concat([_read("capabilities"), _read("coded_texts")]).select("id", "text")
    )
    column = {name: place for place, name in enumerate(corpus.ids)}
    return Codes(table, corpus, np.array([column[name] for name in table["text"]]))


def _read(name: str, folder: str = FIRST) -> pl.DataFrame:
    return pl.read_csv(FOLDER / folder / f"{name}.csv", infer_schema=False)
