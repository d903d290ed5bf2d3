"""Optimise: what to do with limited means - the portfolio of challenges."""
