"""Rule packs: their format, read, checked, overlaid and shown."""
