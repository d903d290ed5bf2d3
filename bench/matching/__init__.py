"""Needs matched with texts, texts put to capabilities, and mistyped codes found."""

from __future__ import annotations

from bench.matching.running import run

__all__ = ["NAME", "run"]

NAME = "matching"
