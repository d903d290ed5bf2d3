"""The file of judgements beside a zone: rows are added to it, never changed.

``ZONE.judgements.csv`` stands beside the folder ``ZONE``, which is replaced whole when the
zone is made anew.
"""

from __future__ import annotations

from pathlib import Path

from jicheng.atomic import write_file
from jicheng.errors import InvalidInput, fault
from jicheng.integrate.resolve import Judgements
from jicheng.io.beside import beside

__all__ = ["judgements_beside", "keep_judgements"]


def judgements_beside(zone: Path) -> Path:
    """Return where the judgements of a zone are kept."""
    return beside(zone, "judgements.csv")


def keep_judgements(path: Path, judgements: Judgements) -> None:
    """Write judgements aside, then put them in place of those that they continue.

    Raises
    ------
    InvalidInput
        E385 if a row that the file holds would be lost or changed; E382, E383 or E384 if
        the file cannot be read.
    """
    there = Judgements.read(path)
    if not judgements.continues(there):
        raise InvalidInput([fault("E385", found=len(there.rows))])
    write_file(path, judgements.as_csv())
