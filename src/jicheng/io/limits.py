"""How much a file may hold before it is refused unread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jicheng.errors import Fault, Where, fault

__all__ = ["Limits", "check_size", "in_units"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes above which a file is refused (ours; raise them for a larger machine).

    ``file_bytes`` is the size on disk, ``unpacked_bytes`` that of all parts of a
    workbook, ``ratio`` their quotient above ``unpacked_bytes_free``, below which any
    quotient is fine; ``parts`` counts the files in a workbook, ``cells`` the
    rectangle of a sheet that holds values, ``parquet_cells`` those of a Parquet file.
    """

    file_bytes: int = 2_000_000_000
    unpacked_bytes: int = 1_000_000_000
    unpacked_bytes_free: int = 50_000_000
    ratio: float = 200.0
    parts: int = 10_000
    cells: int = 10_000_000
    parquet_cells: int = 500_000_000


def check_size(path: Path, limits: Limits, where: Where) -> list[Fault]:
    """Return E151 if a file is larger than the limit."""
    size = path.stat().st_size
    if size <= limits.file_bytes:
        return []
    return [fault("E151", where=where, size=in_units(size), limit=in_units(limits.file_bytes))]


def in_units(size: int) -> str:
    """Write a number of bytes for a reader, as ``2.1 GB``."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} GB"
