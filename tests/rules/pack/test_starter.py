"""New packs and overlays are sound as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import PackKind, Provenance
from jicheng.rules.pack.reading import inspect_pack
from jicheng.rules.pack.shipped import path_of, shipped
from jicheng.rules.pack.starter import new_overlay, new_pack


@pytest.mark.parametrize("kind", list(PackKind))
def test_new_pack_is_sound_and_ours(kind: PackKind, tmp_path: Path) -> None:
    found = inspect_pack(new_pack(tmp_path / "City rules-2026.yaml", kind))
    assert found.faults == ()
    assert found.pack is not None
    assert (found.pack.id, found.pack.kind) == ("local.city_rules_2026", kind)
    assert {one.status for one in found.pack.elements()} <= {Provenance.OURS, Provenance.MISSING}


@pytest.mark.parametrize(("name", "word"), [("2026", "pack_2026"), ("规则", "pack"), ("a", "a")])
def test_new_pack_has_an_id_whatever_its_file_is_called(
    name: str, word: str, tmp_path: Path
) -> None:
    pack = inspect_pack(new_pack(tmp_path / f"{name}.yaml")).pack
    assert pack is not None
    assert pack.id == f"local.{word}"


def test_new_pack_tells_editors_where_the_schema_is(tmp_path: Path) -> None:
    first = new_pack(tmp_path / "a.yaml").read_text("utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=file://")
    assert Path(first.split("file://")[1]).is_file()


def test_new_pack_is_commented_in_both_languages(tmp_path: Path) -> None:
    comments = re.findall(r"^#.*", new_pack(tmp_path / "a.yaml").read_text("utf-8"), re.M)
    assert any("每个要素都要写明来源" in one for one in comments)
    assert any("Every element says how it is known" in one for one in comments)


@pytest.mark.parametrize("name", ["there.yaml", "no/folder.yaml"])
def test_nothing_is_overwritten_and_no_folder_made(name: str, tmp_path: Path) -> None:
    (tmp_path / "there.yaml").write_text("mine", "utf-8")
    with pytest.raises(InvalidInput) as caught:
        new_pack(tmp_path / name)
    fault = caught.value.faults[0]
    assert fault.code == "E949"
    assert "does not exist yet" in fault.hint.en
    assert "尚不存在" in fault.hint.zh
    assert (tmp_path / "there.yaml").read_text("utf-8") == "mine"


@pytest.mark.parametrize("key", list(shipped()))
def test_new_overlay_changes_nothing_until_it_is_filled(key: str, tmp_path: Path) -> None:
    found = inspect_pack(path_of(key), overlays=[new_overlay(tmp_path / "o.yaml", key)])
    assert found.faults == ()
    assert found.pack is not None
    assert all(one.file == found.pack.file for one in found.pack.elements())


def uncommented(text: str) -> str:
    """Take the comment marks away from everything below the head of an overlay."""
    start = text.index("overlay:\n")
    return text[:start] + re.sub(r"(?m)^# ", "", text[start:])


@pytest.mark.parametrize("key", list(shipped()))
def test_new_overlay_with_all_comment_marks_away_fits_its_pack(key: str, tmp_path: Path) -> None:
    path = new_overlay(tmp_path / "o.yaml", key)
    path.write_text(uncommented(path.read_text("utf-8")), "utf-8")
    assert inspect_pack(path_of(key), overlays=[path]).faults == ()


@pytest.mark.parametrize("key", list(shipped()))
def test_new_overlay_lists_all_that_is_uncertain(key: str, tmp_path: Path) -> None:
    path = new_overlay(tmp_path / "o.yaml", key)
    text = uncommented(path.read_text("utf-8"))
    path.write_text(text.replace("unverified", "verified"), "utf-8")
    pack = inspect_pack(path_of(key), overlays=[path]).pack
    assert pack is not None
    assert Provenance.UNVERIFIED not in pack.statuses()
    uncertain = [one for one in pack.elements() if one.status is Provenance.MISSING]
    assert [one.path for one in uncertain if one.file == pack.file] == []


def test_overlay_of_points_offers_equal_weights_of_every_stage(tmp_path: Path) -> None:
    path = new_overlay(tmp_path / "o.yaml", "cn.innovation_points@2024")
    path.write_text(uncommented(path.read_text("utf-8")), "utf-8")
    pack = inspect_pack(path_of("cn.innovation_points@2024"), overlays=[path]).pack
    assert pack is not None
    assert pack.weights is not None
    assert list(pack.weights.by_stage) == ["startup", "growth", "stable"]
    assert [round(sum(each.values()), 9) for each in pack.weights.by_stage.values()] == [100] * 3
    assert pack.has_demo_weights
