"""Rules that decide on pairs: what is found at which level joins, or is asked."""
