"""Evaluate: what came of it - exposure of final products before and after a plan."""
