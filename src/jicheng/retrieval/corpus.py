"""The texts that are searched, each with its language and the hash of what it says."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.retrieval.language import Language, language_of

__all__ = ["Corpus", "encoded_text", "text_hash"]

_MOST_SHOWN = 20
_UNFIT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Corpus:
    """Texts in the order of their ids.

    Attributes
    ----------
    table : DataFrame
        Columns ``id``, ``text``, ``language`` (``zh`` or ``en``) and ``hash``, sorted by
        id; a *row* of the corpus, everywhere in this package, is a row of this table.
    faults : tuple of Fault
        Warnings: E002 names the ids without any text. They are no part of the table: a
        text that is missing is not a text that matches badly.
    """

    table: pl.DataFrame
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, texts: pl.DataFrame | Mapping[str, str]) -> Corpus:
        """Make a corpus.

        Parameters
        ----------
        texts : DataFrame or mapping
            Columns ``id`` and ``text`` (further columns are left alone), or texts by id.

        Raises
        ------
        InvalidInput
            E001 for ids that are missing or stand twice, and E018 for columns that are missing.
        """
        frame = texts if isinstance(texts, pl.DataFrame) else _frame(texts)
        if missing := [name for name in ("id", "text") if name not in frame.columns]:
            raise InvalidInput.of("E018", columns=", ".join(missing))
        frame = frame.select(pl.col("id").cast(pl.String), pl.col("text").cast(pl.String))
        repeated = frame.filter(pl.col("id").is_duplicated() | pl.col("id").is_null())
        if repeated.height:
            ids = repeated["id"].unique(maintain_order=True).to_list()[:_MOST_SHOWN]
            raise InvalidInput(fault("E001", where=Where(column="id"), id=id_) for id_ in ids)
        blank = pl.col("text").fill_null("").str.strip_chars().str.len_chars() == 0
        empty = frame.filter(blank)["id"].sort()
        frame = frame.filter(~blank).sort("id")
        said = frame["text"].to_list()
        table = frame.with_columns(
            pl.Series("language", [language_of(text).value for text in said], pl.String),
            pl.Series("hash", [text_hash(text) for text in said], pl.String),
        )
        return cls(table, _of_empty(empty))

    def __len__(self) -> int:
        return self.table.height

    @cached_property
    def texts(self) -> list[str]:
        """The texts, by row."""
        return self.table["text"].to_list()

    @cached_property
    def ids(self) -> list[str]:
        """The ids, by row."""
        return self.table["id"].to_list()

    @cached_property
    def languages(self) -> NDArray[np.str_]:
        """The languages, by row: ``zh`` or ``en``."""
        return np.asarray(self.table["language"].to_list(), dtype="<U2")

    @cached_property
    def hash(self) -> str:
        """Hash of all ids and texts: equal for corpora that say the same."""
        digest = hashlib.sha256()
        for id_, text in zip(self.ids, self.table["hash"].to_list(), strict=True):
            digest.update(f"{id_}\0{text}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def rows_of(self, language: Language) -> NDArray[np.intp]:
        """Return the rows of the texts in a language, ascending."""
        return np.flatnonzero(self.languages == language.value)


def encoded_text(text: str) -> str:
    """Return a text as engines read it: characters unified (NFKC), spaces collapsed.

    Halves of characters outside Unicode's first plane, which no file can hold, and zero
    bytes, at which an engine would stop, become spaces.
    """
    plain = unicodedata.normalize("NFKC", _UNFIT.sub(" ", text))
    return " ".join(plain.split())


def text_hash(text: str) -> str:
    """Return sha256 of the text as engines read it."""
    return hashlib.sha256(encoded_text(text).encode()).hexdigest()


def _frame(texts: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": list(texts), "text": list(texts.values())},
        schema={"id": pl.String, "text": pl.String},
    )


def _of_empty(ids: pl.Series) -> tuple[Fault, ...]:
    if ids.len() == 0:
        return ()
    shown = ", ".join(ids.to_list()[:_MOST_SHOWN]) + (" ..." if ids.len() > _MOST_SHOWN else "")
    return (fault("E002", is_warning=True, count=ids.len(), ids=shown),)
