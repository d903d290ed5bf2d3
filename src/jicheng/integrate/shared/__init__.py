"""Consortia that share organisations: locks, staffing, the stored pool, later arrivals."""
