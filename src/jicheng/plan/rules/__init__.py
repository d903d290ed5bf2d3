"""Rules in a plan: points, titles, ways up and policies over the zone's firms."""
