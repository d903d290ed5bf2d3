from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from jicheng.errors import MissingData
from jicheng.report import write_report
from jicheng.report.assets import ASSETS, licences, read_asset
from plan_builders import make_plan

ROOT = Path(__file__).parents[2]


def put(folder: Path, content: str = "var a = 1;") -> None:
    folder.joinpath("LICENSES").mkdir(parents=True)
    sums = []
    for asset in ASSETS:
        (folder / asset.target).write_text(content)
        sums.append(f"{hashlib.sha256(content.encode()).hexdigest()}  {asset.target}\n")
        for licence in asset.licences:
            (folder / "LICENSES" / licence.target).write_text(f"terms of {licence.name}")
    (folder / "SHA256SUMS").write_text("".join(sums))


def test_report_without_assets_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="make assets") as caught:
        write_report(make_plan(), tmp_path / "report.html", assets=tmp_path / "none")
    assert caught.value.code == "E801"
    assert not (tmp_path / "report.html").exists()


def test_changed_asset_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "assets")
    (tmp_path / "assets" / ASSETS[0].target).write_text("var a = 2;")
    with pytest.raises(MissingData, match="checksum") as caught:
        read_asset(ASSETS[0], folder=tmp_path / "assets")
    assert caught.value.code == "E802"


def test_every_licence_is_carried(tmp_path: Path) -> None:
    put(tmp_path / "assets")
    found = licences(folder=tmp_path / "assets")
    assert {package for package, _, _ in found} >= {asset.package for asset in ASSETS}
    assert all(text for _, _, text in found)


def test_packages_are_pinned_and_the_lock_names_no_address() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", v) for v in package["dependencies"].values())
    assert set(package["dependencies"]) == {asset.package for asset in ASSETS}
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert not re.search(r"https?:|\"resolved\"|\"funding\"", text)
    packages = json.loads(text)["packages"]
    assert all("integrity" in entry for path, entry in packages.items() if path)


def test_licences_cover_every_locked_package() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    locked = {path.removeprefix("node_modules/") for path in packages if path}
    assert locked == {licence.package for asset in ASSETS for licence in asset.licences}
