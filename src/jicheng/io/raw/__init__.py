"""Lists as offices keep them, in Excel or CSV: read into records, with all that was not read.

A list is known by its headings (``kinds.csv``), wherever it stands in its sheet; a mapping
says what they cannot. Nothing is guessed: a cell that may mean two things, or that Excel
has damaged, is told with file, sheet, row and column, and counts as not said.
"""

from __future__ import annotations

from jicheng.io.raw.files import RawFile, read_file
from jicheng.io.raw.kinds import list_kinds
from jicheng.io.raw.lists import LeftOut, RawList

__all__ = ["LeftOut", "RawFile", "RawList", "list_kinds", "read_file"]
