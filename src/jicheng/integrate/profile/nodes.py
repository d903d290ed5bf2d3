"""The capabilities that a text may show, and the words by which each is known.

Only the leaves of a taxonomy are asked for: what is above them is told by its parts. Every
leaf has a document in each language in which it is named: name and description for
vectors, with its terms for words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from jicheng import taxonomy
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.retrieval import Language, language_of

__all__ = ["Nodes", "View"]

_TOLD = ("description", "description_en", "terms", "ipc")
_DESCRIBED = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """What a node is called in one language.

    Attributes
    ----------
    node : int
        Row of the node.
    language : Language
    text : str
        Name and description; name and terms where there is no description.
    words : str
        The same with the terms.
    """

    node: int
    language: Language
    text: str
    words: str


@dataclass(frozen=True)
class Nodes:
    """Leaves of a taxonomy.

    Attributes
    ----------
    table : DataFrame
        Rows of the table ``capabilities``, sorted by id.
    faults : tuple of Fault
        E044 as a warning where most leaves are names only.
    """

    table: pl.DataFrame
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, capabilities: pl.DataFrame) -> Nodes:
        """Take the leaves of a taxonomy.

        Parameters
        ----------
        capabilities : DataFrame
            Table ``capabilities``. A leaf without description, terms or patent classes
            takes those of the shipped capability with its id.

        Raises
        ------
        InvalidInput
            E040 if there is none.
        """
        parents = capabilities["parent"].drop_nulls().unique().implode()
        leaves = capabilities.filter(~pl.col("id").is_in(parents)).sort("id")
        if leaves.is_empty():
            raise InvalidInput.of("E040")
        shipped = taxonomy.load().select("id", *_TOLD)
        filled = leaves.join(shipped, on="id", how="left", suffix="_shipped").with_columns(
            pl.coalesce(name, f"{name}_shipped") for name in _TOLD
        )
        table = filled.select(leaves.columns)
        said = pl.any_horizontal(pl.col("description", "description_en").is_not_null())
        bare = table.filter(~said).height
        is_bare = bare > (1 - _DESCRIBED) * table.height
        faults = (fault("E044", is_warning=True, count=bare, all=table.height),) if is_bare else ()
        return cls(table, faults)

    def __len__(self) -> int:
        return self.table.height

    @cached_property
    def ids(self) -> list[str]:
        """The ids, by row."""
        return self.table["id"].to_list()

    @cached_property
    def views(self) -> tuple[View, ...]:
        """What the nodes are called, by node and language."""
        made: list[View] = []
        for place, row in enumerate(self.table.iter_rows(named=True)):
            terms = [term.strip() for term in (row["terms"] or "").split(";") if term.strip()]
            for language, name, told in (
                (Language.ZH, row["name"], row["description"]),
                (Language.EN, row["name_en"], row["description_en"]),
            ):
                if name:
                    own = [term for term in terms if language_of(term) is language]
                    made.append(_view(place, language, name, told, own))
        return tuple(made)


def _view(node: int, language: Language, name: str, told: str | None, terms: Sequence[str]) -> View:
    mark, stop = ("：", "；") if language is Language.ZH else (": ", "; ")
    called = stop.join(terms)
    text = f"{name}{mark}{told or called}" if told or called else name
    return View(node, language, text, f"{text}{stop}{called}" if told and called else text)
