"""Commands of the chapter on rules: packs, points, qualifications, ladder, policies."""

from __future__ import annotations

__all__: list[str] = []
