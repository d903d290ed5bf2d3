"""Builders of small zones for tests; each test makes its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jicheng.zone import Zone


def make_zone(*, strict: bool = True, **tables: Sequence[Mapping[str, Any]]) -> Zone:
    """Make a zone of the tables given, with one zone row (home CHN, period 2026)."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "zones": [{"id": "zone:test", "name": "测试区", "home": "CHN", "period": 2026}]
    }
    return Zone.of(rows | tables, strict=strict)
