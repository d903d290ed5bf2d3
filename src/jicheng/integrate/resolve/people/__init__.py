"""Which records are one person: never on a Chinese name alone."""

from __future__ import annotations

from jicheng.integrate.resolve.people.resolving import resolve_people

__all__ = ["resolve_people"]
