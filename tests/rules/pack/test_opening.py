"""Several packs opened with overlays, each of which goes to its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.opening import open_packs
from jicheng.rules.pack.shipped import path_of

WEIGHTS = Path(__file__).parent.parent / "packs" / "overlays" / "example_weights.yaml"


def test_overlay_goes_to_the_pack_that_it_names() -> None:
    hte, points = open_packs(["cn.hte", "cn.innovation_points@2024"], [WEIGHTS])
    assert hte.overlays == ()
    assert [Path(one.file).name for one in points.overlays] == [WEIGHTS.name]


def test_pack_is_opened_by_key_and_by_file_alike() -> None:
    by_key, by_file = open_packs(["cn.hte@2016", path_of("cn.hte@2016")])
    assert by_key.key == by_file.key == "cn.hte@2016"


def test_shipped_pack_is_read_once() -> None:
    assert open_packs(["cn.hte"])[0] is open_packs(["cn.hte@2016"])[0]


def test_overlays_of_no_pack_are_refused_with_their_files() -> None:
    with pytest.raises(InvalidInput, match=WEIGHTS.name) as caught:
        open_packs(["cn.hte"], [WEIGHTS])
    assert [found.code for found in caught.value.faults] == ["E944"]


def test_overlay_for_another_version_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = WEIGHTS.read_text("utf-8")
    assert 'version: "2024"' in text
    other.write_text(text.replace('version: "2024"', 'version: "2023"'), "utf-8")
    with pytest.raises(InvalidInput, match="2023") as caught:
        open_packs(["cn.innovation_points@2024"], [other])
    assert caught.value.code == "E944"
