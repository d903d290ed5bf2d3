"""Formats: one module each; ``load`` picks one by what it finds at the path."""
