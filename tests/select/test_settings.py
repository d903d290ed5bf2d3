"""Settings of the chokepoint analysis: legal ranges, and a provenance for each."""

from __future__ import annotations

from dataclasses import fields

import pytest

from jicheng.errors import InvalidInput
from jicheng.schema import parameters
from jicheng.select.settings import ChokepointSettings, check_settings


def test_defaults_are_legal() -> None:
    check_settings(ChokepointSettings())


def test_every_fault_is_listed() -> None:
    bad = ChokepointSettings(n_draws=0, tail=0.7, probability_safe=-0.1, reach="moon")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as error:
        check_settings(bad)
    assert [fault.code for fault in error.value.faults] == ["E207"] * 4


def test_every_setting_has_a_range_and_a_provenance_in_the_schema() -> None:
    told = {p.name: p for p in parameters() if p.stage == "select"}
    settings = ChokepointSettings()
    for field in fields(settings):
        row = told[field.name]
        assert row.label.zh
        assert row.provenance.zh
        assert row.provenance.en
        value = getattr(settings, field.name)
        if row.low is not None and row.high is not None:
            assert row.low <= value <= row.high
