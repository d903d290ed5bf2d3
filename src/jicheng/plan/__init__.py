"""Plan: the four stages joined in one run, with one manifest to recompute it from."""
