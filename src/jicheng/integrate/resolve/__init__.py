"""Which records are one organisation: identifiers, then names, then a person."""
