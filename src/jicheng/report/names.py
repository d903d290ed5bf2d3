"""Names of everything that a plan refers to by id."""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report.view import PlanView
from jicheng.report.wording import listed, name_of

__all__ = ["Names", "split"]


def split(text: str | None) -> list[str]:
    """Return the parts of a list attribute; none where it is empty."""
    return [part for part in (text or "").split(";") if part]


@dataclass(frozen=True)
class Names:
    """Names by id; an id without a name stands for itself, never for nothing."""

    known: dict[str, Text]
    places: dict[str, Text]

    @classmethod
    def of(cls, view: PlanView) -> Names:
        """Collect names from the plan and, where handed over, from the zone."""
        known: dict[str, Text] = {}
        for table in ("organisations", "capabilities", "sites", "purses", "technologies"):
            frame = view.zone_tables.get(table)
            if frame is not None:
                rows = frame.select("id", "name", "name_en").iter_rows(named=True)
                known |= {row["id"]: name_of(row, row["id"]) for row in rows}
        for table, key in (
            ("members", "organisation"),
            ("coverage", "capability"),
            ("chokepoints", "technology"),
            ("challenges", "challenge"),
        ):
            for row in view.rows(table):
                known.setdefault(row[key], name_of(row, row[key]))
        return cls(known, _places(view))

    def place(self, name: str | None) -> Text:
        """Return the name of a chain or a stage; English is empty where none is given."""
        return self.places.get(name or "", Text(name or "", ""))

    def __getitem__(self, key: str | None) -> Text:
        return self.known.get(key or "", Text(key or "", key or ""))

    def listed(self, keys: list[str], *, most: int | None = None) -> Text:
        """Join the names of ids with the separators of each language."""
        return listed([self[key] for key in keys[:most]])


def _places(view: PlanView) -> dict[str, Text]:
    """Return chains and stages in both languages, as far as the zone names them."""
    places: dict[str, Text] = {}
    for row in view.zone_rows("technologies"):
        for column in ("chain", "stage"):
            if row[column]:
                places.setdefault(row[column], Text(row[column], row[f"{column}_en"] or ""))
    return places
