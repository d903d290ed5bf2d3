"""How likely a candidate is what a name means, from 0 to 100, and when it is certain.

Certain (``match``) is a valid identifier that one entity alone bears; else the very name,
if no other candidate comes near and nothing contradicts. A person is never certain by
name. The scores are ours: they put candidates in an order and are no probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jicheng.cells import country_code
from jicheng.identifiers import Scheme, read
from jicheng.integrate.reconcile.queries import Query
from jicheng.integrate.reconcile.registry import (
    SCHEMES,
    Entity,
    NameKeys,
    Registry,
    keys_of_names,
)
from jicheng.integrate.resolve.names.gazetteer import region_named
from jicheng.integrate.resolve.names.script import plain_name

__all__ = ["NEAR", "Candidate", "candidates"]

NEAR = 10.0  # points within which a second candidate makes the first uncertain
_CERTAIN = 100.0
_SAME_NAME, _SAME_CORE, _SAME_BRAND, _SAME_SOUND, _LIKE = 95.0, 88.0, 70.0, 65.0, 60.0
_BEST_BY_NAME = 99.0
_ELSEWHERE, _OTHER_FORM = 25.0, 5.0  # taken off when names say another region or legal form
_AGREES = {"region": 4.0, "country": 2.0, "kind": 2.0}
_DIFFERS = {"region": 12.0, "country": 20.0, "kind": 8.0}
_OTHER_AGREES, _OTHER_DIFFERS = 2.0, 3.0
_CONTRADICTED = 0.5  # share that is left when a valid identifier says otherwise
_OTHER_TYPE = 20.0
_LEAST = 25.0
_MOST_SIMILAR = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entity that a name may mean.

    Attributes
    ----------
    entity : Entity
        Which.
    score : float
        0 to 100; 100 = an identifier.
    is_match : bool
        Whether it is certain.
    features : tuple of (str, float or bool)
        Score of the name; per property given whether it agrees.
    """

    entity: Entity
    score: float
    is_match: bool
    features: tuple[tuple[str, float | bool], ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query made comparable."""

    query: Query
    spelling: str
    keys: NameKeys | None
    codes: dict[str, str]


def candidates(registry: Registry, query: Query) -> tuple[Candidate, ...]:
    """Return what a name may mean, likeliest first.

    Parameters
    ----------
    registry : Registry
        Of a zone.
    query : Query
        A name or an identifier, with types and properties that narrow it.
    """
    keys = keys_of_names([query.text])[0] if query.text else None
    asked = _Asked(query, plain_name(query.text), keys, _codes(query))
    likeness = registry.similar(asked.spelling, _MOST_SIMILAR) if asked.spelling else {}
    places = dict.fromkeys((*_found_by_key(registry, asked), *likeness))
    scored = [
        found
        for place in places
        if (found := _scored(registry, registry.entities[place], asked, likeness.get(place, 0.0)))
    ]
    scored.sort(key=lambda one: (-one.score, one.entity.id))
    return _certain(asked, scored)[: query.limit]


def _codes(query: Query) -> dict[str, str]:
    """Return the valid identifiers that a query gives, as properties or as its text."""
    given = {pid: values for pid, values in query.properties if values}
    found: dict[str, str] = {}
    for scheme in SCHEMES:
        for text in (*given.get(scheme.value, ()), query.text):
            code = read(scheme, text) if text else None
            if code is not None and code.is_valid:
                found.setdefault(scheme.value, code.code)
    return found


def _found_by_key(registry: Registry, asked: _Asked) -> Iterator[int]:
    index = registry.by_key
    for scheme, code in asked.codes.items():
        yield from index.get((scheme, code), ())
    yield from index.get(("name", asked.spelling), ())
    if asked.keys is not None:
        for kind in ("core", "brand", "sound"):
            yield from index.get((kind, getattr(asked.keys, kind) or ""), ())
    for pid, values in asked.query.properties:
        if pid in ("name", "name_en"):
            for value in values:
                yield from index.get(("name", plain_name(value)), ())


def _scored(registry: Registry, entity: Entity, asked: _Asked, likeness: float) -> Candidate | None:
    types, strictness = asked.query.types, asked.query.strictness
    is_wanted = not types or entity.type in types
    if strictness == "all":
        is_wanted = not types or set(types) == {entity.type}
    if not is_wanted and strictness != "should":
        return None
    by_name = _name_score(entity, asked, likeness)
    score, told = by_name, list[tuple[str, float | bool]]([("name", round(by_name, 1))])
    for pid, values in asked.query.properties:
        agrees = _agrees(registry, entity, pid, values)
        if agrees is None or pid in [scheme.value for scheme in SCHEMES]:
            continue
        told.append((pid, agrees))
        score += _AGREES.get(pid, _OTHER_AGREES) if agrees else -_DIFFERS.get(pid, _OTHER_DIFFERS)
    score = min(max(score, 0.0), _BEST_BY_NAME)
    codes = {
        scheme: own == code
        for scheme, code in asked.codes.items()
        if (own := _own_code(entity, scheme)) is not None
    }
    told += codes.items()
    if codes and all(codes.values()):
        score = _CERTAIN
    elif codes:
        score *= _CONTRADICTED
    if not is_wanted:
        score = max(score - _OTHER_TYPE, 0.0)
    is_some = score >= _LEAST or any(agrees is True for _, agrees in told[1:])
    return Candidate(entity, round(score, 1), False, tuple(told)) if is_some else None


def _name_score(entity: Entity, asked: _Asked, likeness: float) -> float:
    if not asked.spelling:
        return 0.0
    if asked.spelling in entity.spellings:
        return _SAME_NAME
    best = _LIKE * likeness
    if asked.keys is None:
        return best
    for keys in entity.keys:
        best = max(best, _key_score(asked.keys, keys, entity))
    return best


def _key_score(asked: NameKeys, keys: NameKeys, entity: Entity) -> float:
    """Return the score of two names of organisations that are not the same."""
    if asked.core and asked.core == keys.core:
        score = _SAME_CORE
    elif asked.unit != keys.unit:
        return 0.0  # a branch is not what it belongs to
    elif asked.brand and asked.brand == keys.brand:
        score = _SAME_BRAND
    elif asked.sound and asked.sound == keys.sound:
        score = _SAME_SOUND
    else:
        return 0.0
    region = keys.region or _city(str(entity.values.get("region", "")))
    if asked.region and region and asked.region != region:
        score -= _ELSEWHERE
    if asked.form and keys.form and asked.form != keys.form:
        score -= _OTHER_FORM
    return score


def _own_code(entity: Entity, scheme: str) -> str | None:
    given = entity.values.get(scheme)
    found = read(Scheme(scheme), str(given)) if given is not None else None
    return found.code if found is not None and found.is_valid else None


def _agrees(registry: Registry, entity: Entity, pid: str, values: tuple[str, ...]) -> bool | None:
    """Tell whether a property agrees; None if either side does not say."""
    own = entity.values.get(pid)
    if own is None or not values:
        return None
    if pid == "country":
        return own in {country_code(value) for value in values}
    if pid == "region":
        return _city(str(own)) in {_city(value) for value in values}
    mine = {plain_name(str(own)), plain_name(registry.label(str(own)))}
    return any(plain_name(value) in mine for value in values)


def _city(text: str) -> str:
    name = plain_name(text)
    region = region_named(name)
    if region is None:
        return name
    return region.parent if region.level == "district" else region.name


def _certain(asked: _Asked, scored: list[Candidate]) -> tuple[Candidate, ...]:
    """Mark the first candidate as certain, if it is."""
    if not scored:
        return ()
    first, rest = scored[0], scored[1:]
    bearers = [one for one in scored if one.score >= _CERTAIN]
    if bearers:
        is_match = len(bearers) == 1
    else:
        is_alone = not rest or rest[0].score < first.score - NEAR
        is_same = asked.spelling in first.entity.spellings
        differs = any(agrees is False for _, agrees in first.features[1:])
        is_match = is_alone and is_same and not differs and first.entity.type != "person"
    return (Candidate(first.entity, first.score, is_match, first.features), *rest)
