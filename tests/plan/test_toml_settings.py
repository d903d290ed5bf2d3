from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from jicheng.errors import InvalidInput
from jicheng.plan.toml_settings import as_plain, read_settings, settings_from


@dataclass(frozen=True, slots=True)
class Inner:
    threshold: float = 0.1
    kinds: tuple[str, ...] = ("a", "b")


@dataclass(frozen=True, slots=True)
class Outer:
    seed: int = 1
    home: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    inner: Inner = field(default_factory=Inner)


def test_settings_survive_the_way_to_plain_values_and_back() -> None:
    settings = Outer(seed=7, home="NLD", reasons={"t": "r"}, inner=Inner(0.5, ("x",)))
    assert settings_from(as_plain(settings), Outer) == settings


def test_read_settings_takes_what_the_file_says_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('\ufeffhome = "USA"\n[inner]\nthreshold = 1\n', "utf-8")
    settings = read_settings(file, Outer)
    assert settings == Outer(home="USA", inner=Inner(threshold=1.0))
    assert isinstance(settings.inner.threshold, float)


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_from({"sead": 3, "inner": {"treshold": 1, "kinds": "a"}, "home": 4}, Outer)
    assert [(f.code, f.where.column) for f in caught.value.faults] == [
        ("E602", "sead"),
        ("E602", "inner.treshold"),
        ("E603", "inner.kinds"),
        ("E603", "home"),
    ]
    assert "threshold" in caught.value.faults[1].hint.en


def test_true_is_no_number() -> None:
    with pytest.raises(InvalidInput, match="E603"):
        settings_from({"seed": True}, Outer)


def test_a_broken_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("home = ", "utf-8")
    with pytest.raises(InvalidInput, match="E601"):
        read_settings(file, Outer)


@dataclass(frozen=True, slots=True)
class Picky:
    reach: Literal["home", "zone"] = "home"


def test_a_choice_must_be_one_of_its_values() -> None:
    assert settings_from({"reach": "zone"}, Picky) == Picky("zone")
    with pytest.raises(InvalidInput, match="home / zone"):
        settings_from({"reach": "moon"}, Picky)
