"""The capability taxonomy that ships: names, descriptions, terms and patent classes.

It answers "which words, texts and patent classes show that somebody has a capability",
in Chinese and in English, and is used where a zone brings no capabilities of its own.
The seven chains of the sample are covered: integrated circuits, new materials, new
displays, batteries and vehicles, software and intelligence, aviation, biomedicine.

The descriptions and the map to the International Patent Classification are our own
draft, not an official concordance; a zone replaces them by a table of its own, which
:func:`checked` checks and ``jicheng.io.capability_list`` reads from a file.
"""

from jicheng.taxonomy.checking import checked
from jicheng.taxonomy.classes import (
    PatentClass,
    capabilities_by_class,
    parse_class,
    parse_classes,
)
from jicheng.taxonomy.shipped import COLUMNS, by_ipc, load

__all__ = [
    "COLUMNS",
    "PatentClass",
    "by_ipc",
    "capabilities_by_class",
    "checked",
    "load",
    "parse_class",
    "parse_classes",
]
