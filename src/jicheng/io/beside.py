"""Files beside a zone: never inside its folder, which is replaced whole."""

from __future__ import annotations

from pathlib import Path

__all__ = ["beside"]


def beside(zone: Path, suffix: str) -> Path:
    """Return the place beside a zone that is called ``ZONE.suffix``.

    The zone is known by its real folder, so that ``.``, ``..``, links and whole paths to
    one zone all give one place.

    Parameters
    ----------
    zone : Path
        The folder of the zone; it need not exist.
    suffix : str
        What stands after the name and a dot, such as ``index`` or ``labels.csv``.
    """
    real = zone.resolve()
    return real.parent / f"{real.name}.{suffix}"
