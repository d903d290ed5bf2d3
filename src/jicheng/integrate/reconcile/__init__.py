"""Match lists of others against a zone: the Reconciliation API 0.2 that OpenRefine speaks.

Pure functions from a zone and a question to an answer; the command serves them.

References
----------
W3C Entity Reconciliation Community Group, "Reconciliation Service API 0.2", 2023-04-10.
"""

from __future__ import annotations

from jicheng.integrate.reconcile.queries import Query, read_extension, read_queries
from jicheng.integrate.reconcile.registry import TYPES, Entity, Registry
from jicheng.integrate.reconcile.scoring import Candidate, candidates
from jicheng.integrate.reconcile.service import Reply, Service

__all__ = [
    "TYPES",
    "Candidate",
    "Entity",
    "Query",
    "Registry",
    "Reply",
    "Service",
    "candidates",
    "read_extension",
    "read_queries",
]
