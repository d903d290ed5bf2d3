"""Data that benchmarks and tests make up, with the truth known."""
