"""How likely two records are one organisation: the comparisons as data, scored by Splink."""
