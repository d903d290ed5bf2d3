"""A table whose rows are things with ids, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

__all__ = ["Listed"]


@dataclass(frozen=True, eq=False)
class Listed:
    """Rows with ids; what belongs to them comes as arrays in the same order.

    Attributes
    ----------
    table : polars.DataFrame
        With ``id``, each once.
    """

    table: pl.DataFrame

    @property
    def n(self) -> int:
        """How many there are."""
        return self.table.height

    @cached_property
    def ids(self) -> list[str]:
        """Ids, in order."""
        return self.table["id"].to_list()

    @cached_property
    def index(self) -> dict[str, int]:
        """Place of each id."""
        return {name: place for place, name in enumerate(self.ids)}
