"""Policies: who is eligible, what they cost, what goes together, when to apply."""
