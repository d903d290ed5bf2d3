"""Packs applied to facts: points, verdicts and the reasons for them."""
