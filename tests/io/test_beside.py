"""One zone has one place beside it, however its folder is written."""

from pathlib import Path

import pytest

from jicheng.io.beside import beside


@pytest.mark.parametrize("written", [".", "../my-zone", "inner/..", ""])
def test_one_zone_has_one_place(tmp_path, monkeypatch, written):
    zone = tmp_path / "my-zone"
    (zone / "inner").mkdir(parents=True)
    monkeypatch.chdir(zone)
    assert beside(Path(written), "labels.csv") == tmp_path.resolve() / "my-zone.labels.csv"


def test_a_link_leads_to_the_place_of_the_zone(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert beside(tmp_path / "link", "index") == beside(tmp_path / "real", "index")


def test_the_zone_need_not_exist(tmp_path):
    assert beside(tmp_path / "new.zone", "index").name == "new.zone.index"
