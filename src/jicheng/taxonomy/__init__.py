"""The capability taxonomy that ships: names, terms and patent classes in both languages."""
