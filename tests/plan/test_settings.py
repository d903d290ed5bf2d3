from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from jicheng.plan.settings import PARAMETER_FILES, PlanSettings
from jicheng.schema import parameters


def names(settings: Any) -> Iterator[str]:
    for one in dataclasses.fields(settings):
        value = getattr(settings, one.name)
        if dataclasses.is_dataclass(value):
            yield from names(value)
        else:
            yield one.name


@pytest.mark.parametrize("file", sorted(set(PARAMETER_FILES.values())))
def test_every_setting_is_described_and_every_description_has_a_setting(file: str) -> None:
    stages = [stage for stage, of in PARAMETER_FILES.items() if of == file]
    fields = {name for stage in stages for name in names(getattr(PlanSettings(), stage))}
    described = [one.name for one in parameters() if one.stage == file]
    assert sorted(described) == sorted(set(described))
    assert set(described) == fields


def test_every_parameter_says_where_it_comes_from_in_both_languages() -> None:
    for one in parameters():
        assert one.label.zh, one.name
        assert one.label.en, one.name
        assert one.provenance.zh, one.name
        assert one.provenance.en, one.name
