"""Everything in a zone that a name may mean, with the keys by which it is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.identifiers import Scheme, read
from jicheng.integrate.resolve.names.keys import name_keys
from jicheng.integrate.resolve.names.script import plain_name
from jicheng.schema import Kind, zone_tables
from jicheng.zone import Zone

__all__ = ["SCHEMES", "TYPES", "Entity", "NameKeys", "Registry", "grams"]

TYPES: Mapping[str, str] = {
    "organisation": "organisations",
    "person": "people",
    "capability": "capabilities",
    "facility": "facilities",
}
SCHEMES = (Scheme.CREDIT_CODE, Scheme.LEI, Scheme.ROR, Scheme.ORCID)
_SHOWN = 6  # properties in a description
_TOLD = {
    "organisation": ("kind", "country", "region", "credit_code"),
    "person": ("organisation", "kind", "level"),
    "capability": ("parent",),
    "facility": ("owner", "kind"),
}


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What the name of an organisation says; None = not said."""

    core: str | None
    brand: str | None
    sound: str | None
    region: str | None
    form: str | None
    unit: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """One row of a zone.

    Attributes
    ----------
    id, type, name : str
        Its id, one of ``TYPES``, and its name.
    values : mapping of str to object
        What the zone says of it, without what it does not say.
    spellings : tuple of str
        Names in their one spelling (:func:`plain_name`), the first one first.
    keys : tuple of NameKeys
        Keys of the names of an organisation, in the order of the spellings.
    """

    id: str
    type: str
    name: str
    values: Mapping[str, object]
    spellings: tuple[str, ...]
    keys: tuple[NameKeys, ...] = ()


class Registry:
    """Entities of a zone and the indexes over their names and identifiers.

    Parameters
    ----------
    zone : Zone
        Its organisations, people, capabilities and facilities, as far as it has them.

    Notes
    -----
    Everything is made at once and never changes, so that threads may share it.
    """

    def __init__(self, zone: Zone) -> None:
        self.entities: tuple[Entity, ...] = tuple(_entities(zone))
        self.types = tuple(
            kind for kind, table in TYPES.items() if table in zone.tables and zone[table].height
        )
        self.by_id: Mapping[str, Entity] = {entity.id: entity for entity in self.entities}
        self.by_key = self._indexed()
        self._grams = self._parted()
        self._names = {entity.id: entity.name for entity in self.entities}
        for table in ("sites", "zones", "technologies"):
            if table in zone.tables:
                self._names |= dict(zone[table].select("id", "name").iter_rows())

    def _indexed(self) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """Places of entities by (kind of key, key): name, core, brand, sound, or a scheme."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, entity in enumerate(self.entities):
            for key in dict.fromkeys(_keys_of(entity)):
                found[key].append(place)
        return {key: tuple(places) for key, places in found.items()}

    def _parted(self) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32], NDArray[np.int32]]:
        """Rows of spellings by bigram, the number of bigrams a row, the entity of a row."""
        rows: dict[str, list[int]] = defaultdict(list)
        sizes: list[int] = []
        owners: list[int] = []
        for place, entity in enumerate(self.entities):
            for spelling in entity.spellings:
                parts = grams(spelling)
                for part in parts:
                    rows[part].append(len(sizes))
                sizes.append(len(parts))
                owners.append(place)
        made = {part: np.asarray(found, dtype=np.int32) for part, found in rows.items()}
        return made, np.asarray(sizes, dtype=np.int32), np.asarray(owners, dtype=np.int32)

    def similar(self, spelling: str, most: int) -> dict[int, float]:
        """Return the places of the entities whose names share most bigrams, with the share.

        Notes
        -----
        Dice coefficient 2 |a and b| / (|a| + |b|) of sets of bigrams, the best spelling
        of an entity; ties go to the earlier entity.
        """
        rows, sizes, owners = self._grams
        asked = grams(spelling)
        shared = np.zeros(len(sizes), dtype=np.int32)
        for part in asked:
            found = rows.get(part)
            if found is not None:
                shared[found] += 1
        likeness = 2.0 * shared / np.maximum(sizes + len(asked), 1)
        best = np.argsort(-likeness, kind="stable")[: 4 * most]
        near: dict[int, float] = {}
        for row in best[likeness[best] > 0.0]:
            near.setdefault(int(owners[row]), float(likeness[row]))
        return dict(list(near.items())[:most])

    def label(self, reference: str) -> str:
        """Return the name of what an id refers to, or the id."""
        return self._names.get(reference, reference)

    def description(self, entity: Entity) -> str:
        """Return one line that tells an entity from its namesakes."""
        told = (entity.values.get(name) for name in _TOLD[entity.type])
        return " · ".join(self.label(str(one)) for one in list(told)[:_SHOWN] if one is not None)


def grams(spelling: str) -> frozenset[str]:
    """Return the bigrams of a spelling without blanks; of one character itself."""
    text = spelling.replace(" ", "")
    return frozenset(text[k : k + 2] for k in range(max(len(text) - 1, 1))) if text else frozenset()


def keys_of_names(names: Iterable[str]) -> list[NameKeys]:
    """Return the keys of names of organisations, one each."""
    frame = name_keys(pl.Series(list(names), dtype=pl.String))
    return [
        NameKeys(row["core"], row["brand"], row["sound"], row["named_region"], row["form"],
                 row["unit"])
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip


def _entities(zone: Zone) -> Iterator[Entity]:
    for kind, table in TYPES.items():
        if table not in zone.tables:
            continue
        frame = zone[table]
        schema = zone_tables()[table]
        dates = [one.name for one in schema.attributes if one.kind is Kind.DATE]
        rows = frame.with_columns(pl.col(dates).cast(pl.String)).to_dicts()
        keys = _organisation_keys(rows) if kind == "organisation" else [()] * len(rows)
        for row, own in zip(rows, keys, strict=True):
            values = {name: value for name, value in row.items() if value is not None}
            spellings = tuple(plain_name(name) for name in _names_of(row))
            yield Entity(row["id"], kind, row["name"], values, spellings, own)


def _names_of(row: Mapping[str, object]) -> list[str]:
    terms = str(row.get("terms") or "").split(";")
    told = [row.get("name"), row.get("name_en"), *terms]
    return list(dict.fromkeys(str(name) for name in told if name))


def _organisation_keys(rows: list[dict[str, object]]) -> list[tuple[NameKeys, ...]]:
    """Return the keys of all names at once, then part them by row."""
    names = [_names_of(row) for row in rows]
    made = iter(keys_of_names(name for own in names for name in own))
    return [tuple(next(made) for _ in own) for own in names]


def _keys_of(entity: Entity) -> Iterator[tuple[str, str]]:
    for spelling in entity.spellings:
        yield "name", spelling
    for keys in entity.keys:
        for kind in ("core", "brand", "sound"):
            key = getattr(keys, kind)
            if key:
                yield kind, key
    for scheme in SCHEMES:
        given = entity.values.get(scheme.value)
        found = read(scheme, str(given)) if given is not None else None
        if found is not None and found.is_valid:
            yield scheme.value, found.code
