"""The language of rules: arithmetic, comparisons and conditions over facts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Expression"]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of a pack as it was written, parsed.

    Attributes
    ----------
    text : str
        As it was written.
    """

    text: str
