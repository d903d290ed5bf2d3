"""The sections of the report: each turns tables of the plan into words and cells."""
