"""A compact part of a section: heading, one sentence, a table of which the first rows show."""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report.tables import ReportTable

__all__ = ["NOTHING", "Part"]

NOTHING = ReportTable((), ())
"""The table of a part that has nothing to show."""


@dataclass(frozen=True, slots=True)
class Part:
    """One compact part; where its table is empty ``says`` tells why."""

    key: str
    title: Text
    says: Text
    table: ReportTable
