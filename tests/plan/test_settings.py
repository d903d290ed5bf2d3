from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jicheng.plan.settings import (
    PARAMETER_FILES,
    PlanSettings,
    load_settings,
    settings_as_toml,
)
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


def test_printed_settings_are_read_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(settings_as_toml(), "utf-8")
    assert load_settings(file) == PlanSettings()


def test_printed_settings_without_a_value_are_read_once_uncommented(tmp_path: Path) -> None:
    text = re.sub(r"^# (\w+ = )", r"\1", settings_as_toml(), flags=re.MULTILINE)
    file = tmp_path / "settings.toml"
    file.write_text(text, "utf-8")
    assert load_settings(file).rules.complete_lists == ()


def test_complete_lists_given_beside_the_file_beat_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[rules]\ncomplete_lists = ["tech_sme"]\nn_near = 3\n', "utf-8")
    assert load_settings(file).rules.complete_lists == ("tech_sme",)
    rules = load_settings(file, complete_lists=("all",)).rules
    assert (rules.complete_lists, rules.n_near) == (("all",), 3)
