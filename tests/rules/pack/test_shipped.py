"""Packs by their key: shipped ones, those of installed packages, files."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import Element
from jicheng.rules.pack.shipped import available, pack_of, path_of, shipped, versions_of
from pack_builders import PACK, changed, written

NAME = "jicheng_city_packs"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install a package that brings packs, as a package manager would lay it out."""

    def install(packs: dict[str, str], source: str = "", point: str = NAME) -> Path:
        folder = tmp_path / "installed"
        package, info = folder / NAME, folder / f"{NAME}-1.0.dist-info"
        package.mkdir(parents=True)
        info.mkdir()
        (package / "__init__.py").write_text(source, "utf-8")
        for name, text in packs.items():
            (package / name).write_text(text, "utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[jicheng.packs]\ncity = {point}\n")
        monkeypatch.syspath_prepend(str(folder))
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, NAME, raising=False)
        return package

    yield install
    sys.modules.pop(NAME, None)


@pytest.mark.parametrize("key", list(shipped()))
def test_shipped_pack_is_sound_and_called_as_its_file(key: str) -> None:
    pack = pack_of(key)
    assert pack.key == key
    assert shipped()[key].name == f"{pack.id}.{pack.version}.yaml"
    assert pack.file == shipped()[key].name


@pytest.mark.parametrize("key", list(shipped()))
def test_every_element_of_a_shipped_pack_is_named_in_both_languages(key: str) -> None:
    def lacks(element: Element) -> bool:
        return element.name.zh == element.name.en == element.id

    assert [one.path for one in pack_of(key).elements() if lacks(one)] == []


def test_id_alone_means_the_newest_version_that_can_score() -> None:
    assert pack_of("cn.innovation_points").version == "2024"
    assert versions_of("cn.innovation_points") == (
        "cn.innovation_points@2024", "cn.innovation_points@2.0",
    )  # fmt: skip


def test_id_and_version_mean_that_version() -> None:
    assert pack_of("cn.innovation_points@2024").version == "2024"


def test_file_is_read_as_it_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, PACK)
    assert pack_of(path).file == pack_of(str(path)).file == str(path)


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(InvalidInput) as caught:
        path_of("cn.htee")
    fault = caught.value.faults[0]
    assert fault.code == "E946"
    assert "Did you mean: cn.hte," in fault.hint.en
    assert "您是否指：cn.hte," in fault.hint.zh


def test_unknown_version_names_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"cn\.hte@2016"):
        path_of("cn.hte@2026")


def test_package_brings_the_packs_in_its_folder(install: Callable[..., Path]) -> None:
    newer = changed('version: "1"', 'version: "10"').replace("2020-01-01", "2020-01-02")
    install({"one.yaml": PACK, "two.yml": newer, "read.txt": "no pack"})
    assert versions_of("test.pack") == ("test.pack@10", "test.pack@1")
    assert pack_of("test.pack").key == "test.pack@10"
    assert set(shipped()) < set(available())


def test_package_may_say_where_its_packs_are(install: Callable[..., Path]) -> None:
    source = (
        "from pathlib import Path\ndef packs():\n    return [Path(__file__).with_name('a.yaml')]"
    )
    install({"a.yaml": PACK}, source, f"{NAME}:packs")
    assert "test.pack@1" in available()


def test_tenth_version_comes_after_the_ninth(install: Callable[..., Path]) -> None:
    text = changed("from: 2020-01-01", "from: null")
    packs = {f"{k}.yaml": text.replace('"1"', f'"v{k}"') for k in (9, 10, 2)}
    install(packs)
    assert [key.split("@")[1] for key in versions_of("test.pack")] == ["v10", "v9", "v2"]


@pytest.mark.parametrize(
    ("packs", "source", "point"),
    [
        ({}, "raise RuntimeError('no')", NAME),
        ({}, "packs = 3", f"{NAME}:packs"),
        ({}, "", f"{NAME}:packs"),
        ({"a.yaml": "a: ["}, "", NAME),
        ({"a.yaml": "a: 1"}, "", NAME),
        ({"a.yaml": changed("test.pack", "cn.hte").replace('"1"', '"2016"')}, "", NAME),
        ({"a.yaml": PACK, "b.yaml": PACK}, "", NAME),
    ],
    ids=["fails", "no_function", "absent", "broken", "nameless", "shipped_already", "twice"],
)
def test_package_that_fails_is_named_but_stops_no_shipped_pack(
    packs: dict[str, str], source: str, point: str, install: Callable[..., Path]
) -> None:
    install(packs, source, point)
    with pytest.raises(InvalidInput) as caught:
        available()
    fault = caught.value.faults[0]
    assert fault.code == "E947"
    assert "city" in fault.message.en
    assert "升级或卸载" in fault.hint.zh
    assert pack_of("cn.hte@2016").key == "cn.hte@2016"
