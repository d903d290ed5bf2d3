"""Every pack that ships is evaluated and explained, whatever is known of the subject."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jicheng.rules.facts.dictionary import FactDefinition, FactKind, fact_dictionary
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.score.evaluate import OPEN, PASS, evaluate
from jicheng.rules.score.explanation import explain
from jicheng.rules.score.gaps import gaps
from jicheng.rules.score.references import References
from jicheng.rules.score.settling import Settles
from jicheng.rules.score.tables import as_tables
from score_builders import facts_of

KEYS = sorted(shipped())


def typical(fact: FactDefinition) -> Any:
    """Return a value that a fact may well have."""
    if fact.kind is FactKind.CONDITION:
        return True
    if fact.kind is FactKind.CHOICE:
        return fact.values[0]
    if fact.unit == "year":
        return 2015.0
    return min(max(2.0, fact.minimum), fact.maximum)


def subjects(pack: Pack) -> FactTable:
    """Three subjects: everything known, every other fact known, nothing known."""
    known = fact_dictionary()
    needed = facts_needed(pack, known)
    dictionary = known.with_facts(fact for fact in needed if fact.name not in known)
    names = References(pack, dictionary).of_pack()
    whole = {str(name): typical(dictionary[name.id]) for name in names}
    half = {name: value for k, (name, value) in enumerate(whole.items()) if k % 2}
    table = facts_of([whole, half, {}])
    return FactTable(
        subjects=table.subjects,
        year=table.year,
        numbers=table.numbers,
        conditions=table.conditions,
        choices=table.choices,
        dictionary=dictionary,
    )


@pytest.mark.parametrize("key", KEYS)
def test_pack_is_explained_to_subjects_known_well_and_little(key: str) -> None:
    pack = pack_of(key)
    whole = evaluate(pack, subjects(pack))
    for place in range(3):
        told = explain(whole, place)
        plain = json.loads(json.dumps(told.as_plain()))
        assert plain["verdict"] == told.verdict
        paths = [finding.path for top in told.findings for finding in top.all()]
        for path in paths:
            assert path in {element.path for element in pack.elements()}
        for language in ("zh", "en"):
            assert len(told.as_text(language).splitlines()) > len(paths)
        if whole.score is not None:
            assert (told.low, told.high) == (whole.score.low[place], whole.score.high[place])


@pytest.mark.parametrize("key", KEYS)
def test_open_verdict_says_what_is_missing(key: str) -> None:
    pack = pack_of(key)
    whole = evaluate(pack, subjects(pack))
    for place in range(3):
        missing = explain(whole, place).missing
        assert (whole.verdicts[place] != OPEN) or missing
        if whole.verdicts[place] == PASS:
            assert all(found.settles is Settles.NEVER for found in missing)


@pytest.mark.parametrize("key", KEYS)
def test_gaps_of_the_one_of_whom_nothing_is_known_hold_those_of_the_others(key: str) -> None:
    pack = pack_of(key)
    found = gaps(evaluate(pack, subjects(pack)))
    assert not any(gap[1] and not gap[2] for name, gap in found.items() if not is_settled(name.id))


def is_settled(fact: str) -> bool:
    """Facts that matter only once others are known: which range an expert may fix."""
    return fact.startswith("judged.")


@pytest.mark.parametrize("key", KEYS)
def test_pack_becomes_tables(key: str) -> None:
    pack = pack_of(key)
    tables = as_tables(evaluate(pack, subjects(pack)))
    assert tables["scores"].height == 3
    assert tables["elements"].height % 3 == 0
