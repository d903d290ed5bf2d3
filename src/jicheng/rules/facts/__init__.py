"""What packs ask about: a dictionary of facts, and tables of them."""
