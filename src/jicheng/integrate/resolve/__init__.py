"""Which records are one organisation: identifiers, then names, then a person."""

from __future__ import annotations

from jicheng.integrate.resolve.judgements import Judgement, Judgements, Verdict
from jicheng.integrate.resolve.metrics import Agreement, agreement
from jicheng.integrate.resolve.resolution import Resolution, resolve
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = [
    "Agreement",
    "Judgement",
    "Judgements",
    "Resolution",
    "ResolveSettings",
    "Verdict",
    "agreement",
    "resolve",
]
