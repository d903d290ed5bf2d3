"""Integrate: who can do it together - challenges, coverage, consortia."""
