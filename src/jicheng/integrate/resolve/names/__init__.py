"""What the name of an organisation says: region, brand, industry, legal form, unit."""

from __future__ import annotations

from jicheng.integrate.resolve.names.keys import name_keys
from jicheng.integrate.resolve.names.parsing import NameParts, parse_name

__all__ = ["NameParts", "name_keys", "parse_name"]
