"""The language of rules, evaluated on intervals and in three values."""
