"""Formats are picked by what they recognise; others come as plugins."""

from __future__ import annotations

import importlib
import sys

import pytest

from builders import make_zone
from jicheng.errors import InvalidInput
from jicheng.io import FORMATS, formats, load
from jicheng.zone import Zone

PLUGIN = '''
from jicheng.zone import Zone


class Cards:
    """One line a site: id and name."""

    name = "cards"

    def recognises(self, path):
        return path.suffix == ".cards"

    def read(self, path):
        rows = [line.split(" ", 1) for line in path.read_text("utf-8").splitlines()]
        return Zone.of({"sites": [{"id": key, "name": name} for key, name in rows]})
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution of one module, as a package manager would lay it out."""

    def install(module, source, point):
        folder = tmp_path / "installed"
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (folder / f"{module}.py").write_text(source, "utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[jicheng.formats]\n{point}\n")
        monkeypatch.syspath_prepend(str(folder))
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, module, raising=False)

    yield install
    for name in ("jicheng_cards", "jicheng_broken"):
        sys.modules.pop(name, None)


def test_shipped_formats_are_listed():
    assert list(FORMATS) == ["eto", "package", "excel"]


def test_plugin_is_found_and_loads_a_zone(install, tmp_path):
    install("jicheng_cards", PLUGIN, "cards = jicheng_cards:Cards")
    (tmp_path / "a.cards").write_text("s1 北区\ns2 南区\n", "utf-8")
    assert list(formats()) == ["eto", "package", "excel", "cards"]
    assert Zone.load(tmp_path / "a.cards")["sites"]["name"].to_list() == ["北区", "南区"]


def test_plugin_cannot_take_over_what_ships(install, tmp_path):
    greedy = PLUGIN.replace('path.suffix == ".cards"', "True")
    install("jicheng_cards", greedy, "cards = jicheng_cards:Cards")
    make_zone().save(tmp_path / "zone")
    assert Zone.load(tmp_path / "zone")["zones"].height == 1


@pytest.mark.parametrize(
    ("source", "point"),
    [
        ("raise RuntimeError('no')", "x = jicheng_broken:Cards"),
        ("x = 1", "x = jicheng_broken:Cards"),
        ("class Cards:\n    name = 'x'", "x = jicheng_broken:Cards"),
        (PLUGIN.replace('"cards"', '"excel"'), "x = jicheng_broken:Cards"),
    ],
)
def test_plugin_that_fails_is_named_but_stops_no_shipped_format(install, tmp_path, source, point):
    install("jicheng_broken", source, point)
    make_zone().save(tmp_path / "zone")
    assert Zone.load(tmp_path / "zone")["zones"].height == 1
    (tmp_path / "a.cards").touch()
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path / "a.cards")
    (found,) = caught.value.faults
    assert found.code == "E188"
    assert "“x”" in found.message.zh


def test_path_that_is_absent_or_of_no_format_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="E150"):
        Zone.load(tmp_path / "none")
    (tmp_path / "a.doc").write_text("x")
    with pytest.raises(InvalidInput, match="E169"):
        Zone.load(tmp_path / "a.doc")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="E169"):
        Zone.load(tmp_path / "empty")


def test_description_alone_names_its_package(tmp_path):
    make_zone().save(tmp_path / "zone")
    assert Zone.load(tmp_path / "zone" / "datapackage.json")["zones"].height == 1
