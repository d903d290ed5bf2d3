"""Rules as data: packs, facts, and what the ones say of the others."""
