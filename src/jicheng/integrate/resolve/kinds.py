"""The kinds of entity that records are joined into."""

from __future__ import annotations

from enum import StrEnum

from jicheng.errors import Text

__all__ = ["Kind"]


class Kind(StrEnum):
    """What a record speaks of; also the column that names the entity in results."""

    ORGANISATION = "organisation"
    PERSON = "person"
    FACILITY = "facility"

    @property
    def noun(self) -> Text:
        """Its word in a sentence."""
        return {
            Kind.ORGANISATION: Text("组织", "organisation"),
            Kind.PERSON: Text("人员", "person"),
            Kind.FACILITY: Text("设施", "facility"),
        }[self]
