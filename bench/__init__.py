"""Benchmarks: a module each, with ``NAME`` and ``run(quick) -> figures``."""
