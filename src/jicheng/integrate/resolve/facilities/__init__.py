"""Which records are one facility: name, owner, model; two of a kind stay two."""

from __future__ import annotations

from jicheng.integrate.resolve.facilities.resolving import resolve_facilities

__all__ = ["resolve_facilities"]
