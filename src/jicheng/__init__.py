"""Jicheng (集成): select, integrate and optimise innovation elements.

A :class:`~jicheng.zone.Zone` of typed tables goes in; the stages *select*,
*integrate*, *optimise* and *evaluate* turn it into a plan that can be
recomputed. Importing this module loads nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["JichengError", "Zone", "__version__"]

if TYPE_CHECKING:
    from jicheng.errors import JichengError
    from jicheng.zone import Zone

_PUBLIC = {"Zone": "jicheng.zone", "JichengError": "jicheng.errors"}


def __getattr__(name: str) -> Any:
    """Load a public name at its first use, so that importing stays fast."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(name)
