"""What the report reads: the tables and the manifest of one plan, nothing else.

The report computes no result. Whatever it shows stands in a table of
``schema/plan/``, in the few tables of the zone that draw the chain and name the
purses, in the manifest, or in the explanations that the stages wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import InvalidInput
from jicheng.schema import plan_tables, zone_tables

__all__ = ["Explanation", "PlanView", "Row"]

Row = Mapping[str, Any]
"""One row of a table: attribute name to value, None where unknown."""

Explanation = Sequence[Mapping[str, Any]]
"""Blocks of an explanation, each ``{"title_zh", "title_en", "lines": [{"zh", "en"}],
"rows": [{"table", "key", "values", "source", "as_of"}]}``; every key may be absent. The
first block is the verdict and what would change it; the others open on demand."""


@dataclass(frozen=True)
class PlanView:
    """One finished plan, as the report sees it.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Tables of ``schema/plan/`` by name. One may be absent or empty: its section
        then says what is missing, from the table ``stages``.
    zone_tables : mapping of str to polars.DataFrame
        Tables of ``schema/zone/``; the report reads ``technologies``, ``links``,
        ``purses``, ``organisations``, ``capabilities`` and ``sites`` where present.
    manifest : mapping
        JSON values; every key may be absent, and its place then says "not recorded":

        ``zone`` {id, name, name_en, home, period, currency};
        ``plan_id``, ``content_hash``, ``engine_version`` : str; ``seed`` : int;
        ``date`` : ISO date of the run; ``command`` : str that recomputes the plan;
        ``scenario`` {id, zh, en};
        ``thresholds`` {vulnerability, impact, probability, loss}, all 0 to 1;
        ``parameters`` [{stage, name, value, unit, low, high, zh, en,
        provenance_zh, provenance}];
        ``solvers`` [{stage, status, bound, gap, value, seconds, note_zh, note_en}];
        ``seconds`` {stage: float};
        ``sources`` [{title, path, licence, retrieved, tables}];
        ``is_sample`` : bool; ``draft_rules`` [name of a rule pack];
        ``overrides`` [{technology, decision, reason}].
    explanations : mapping of str to Explanation
        By technology id; a challenge id may have one too.
    """

    tables: Mapping[str, pl.DataFrame]
    zone_tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    explanations: Mapping[str, Explanation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, frame in self.tables.items():
            for column in plan_tables()[name].names:
                if column not in frame.columns:
                    raise InvalidInput.of("E803", table=name, column=column)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table of the plan; an absent one is empty, with all its columns."""
        if table in self.tables:
            return self.tables[table]
        return empty_frame(plan_tables()[table])

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the plan, in its order."""
        return self[table].to_dicts()

    def zone_rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the zone; none where it was not handed over."""
        if table in self.zone_tables:
            return self.zone_tables[table].to_dicts()
        return empty_frame(zone_tables()[table]).to_dicts()

    def threshold(self, name: str) -> float | None:
        """Return a threshold of the manifest, None where it was not recorded."""
        value = self.manifest.get("thresholds", {}).get(name)
        return None if value is None else float(value)

    @property
    def date(self) -> str:
        """ISO date of the run, empty where it was not recorded."""
        return str(self.manifest.get("date", ""))

    @property
    def currency(self) -> str:
        """Code of the currency of all amounts."""
        return str(self.manifest.get("zone", {}).get("currency") or "CNY")
