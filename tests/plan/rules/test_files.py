"""Files of rules are kept with the plan under names that hold their hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.plan.rules.files import kept, shipped_digest
from jicheng.plan.rules.settings import RuleSettings


def test_copies_are_named_in_the_settings(tmp_path: Path) -> None:
    overlay = tmp_path / "weights.yaml"
    overlay.write_text("overlay: {}\n", "utf-8")
    settings, files = kept(RuleSettings(overlays=(str(overlay),), packs=("cn.hte",)))
    assert settings.overlays == tuple(files)
    assert settings.packs == ("cn.hte",)
    assert files[settings.overlays[0]] == b"overlay: {}\n"
    assert settings.overlays[0].startswith("rules/weights-")


def test_other_content_is_another_setting(tmp_path: Path) -> None:
    overlay = tmp_path / "weights.yaml"
    names = []
    for content in ("a: 1\n", "a: 2\n"):
        overlay.write_text(content, "utf-8")
        names.append(kept(RuleSettings(overlays=(str(overlay),)))[0].overlays)
    assert names[0] != names[1]


def test_copy_of_a_copy_keeps_its_name(tmp_path: Path) -> None:
    pack = tmp_path / "own.yaml"
    pack.write_text("id: own\n", "utf-8")
    settings, files = kept(RuleSettings(packs=(str(pack),)))
    for name, content in files.items():
        (tmp_path / "rules").mkdir()
        (tmp_path / name).write_bytes(content)
    again, _ = kept(RuleSettings(packs=(str(tmp_path / settings.packs[0]),)))
    assert again.packs == settings.packs


def test_file_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.csv") as caught:
        kept(RuleSettings(costs="nowhere.csv"))
    assert caught.value.code == "E617"


def test_shipped_rules_have_one_hash() -> None:
    assert shipped_digest() == shipped_digest()
    assert len(shipped_digest()) == 64
