"""Spark, in local mode, scores the same pairs as DuckDB."""

from __future__ import annotations

import pytest
from bench.made_up.identities import identities

from jicheng.errors import InvalidInput
from jicheng.integrate.resolve import ResolveSettings, resolve
from jicheng.integrate.resolve.model import backends

MISSING = backends.spark_is_missing()
RECORDS = identities(2_000, seed=7).drop("entity", "entity_kind", "entity_head")


@pytest.mark.skipif(MISSING is not None, reason=f"without {MISSING and MISSING.en}")
@pytest.mark.filterwarnings("ignore")
def test_spark_finds_the_same_organisations_as_duckdb() -> None:
    here = resolve(RECORDS)
    there = resolve(RECORDS, settings=ResolveSettings(backend="spark"))
    assert here.members.equals(there.members)
    asked = ("left", "right", "reason")
    assert here.review.select(asked).equals(there.review.select(asked))
    assert here.scored.pairs.schema == there.scored.pairs.schema
    difference = here.scored.pairs["weight"] - there.scored.pairs["weight"]
    assert difference.abs().max() < 1e-9


def test_without_spark_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput) as refused:
        resolve(RECORDS[:50], settings=ResolveSettings(backend="spark"))
    assert refused.value.code == "E387"


def test_without_java_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: name)
    monkeypatch.setattr(backends.shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Java" in backends.spark_is_missing().en


def test_unknown_backend_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        resolve(RECORDS[:50], settings=ResolveSettings(backend="abacus"))
    assert refused.value.code == "E386"
    assert "duckdb" in str(refused.value)
