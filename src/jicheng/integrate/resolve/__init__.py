"""Which records are one organisation, person or facility: identifiers, names, a person."""

from __future__ import annotations

from jicheng.integrate.resolve.branches import branches
from jicheng.integrate.resolve.facilities import resolve_facilities
from jicheng.integrate.resolve.judgements import Judgement, Judgements, Verdict
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.metrics import Agreement, agreement
from jicheng.integrate.resolve.organisations import resolve
from jicheng.integrate.resolve.people import resolve_people
from jicheng.integrate.resolve.resolution import Resolution
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = [
    "Agreement",
    "Judgement",
    "Judgements",
    "Kind",
    "Resolution",
    "ResolveSettings",
    "Verdict",
    "agreement",
    "branches",
    "resolve",
    "resolve_facilities",
    "resolve_people",
]
