"""Select: which technologies matter - chain, concentration, chokepoints."""
