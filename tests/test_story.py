"""The whole way on files: five raw Excel files, five commands, a report with its consortium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from jicheng.cli import main
from jicheng.sample.raw import RawTruth, generate_raw
from jicheng.zone import Zone


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, (arguments, result.output)
    return result.output


@pytest.fixture(scope="module")
def truth() -> RawTruth:
    return generate_raw().truth


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        run("sample", "raw-files", "--scale", "raw")
        run("resolve", "raw-files", "-o", "zone", "--zone-name", "示例园区", "--year", "2026")
        needs = "raw-files.truth/needs.csv"
        run("profile", "zone", "--needs", needs, "--who", "李工", "--engine", "words")
        (place / "match.json").write_text(
            run("match", "zone", "--challenge", "ch:T01", "--engine", "words", "--json"), "utf-8"
        )
        run("plan", "zone", "-o", "plan")
        yield place


@pytest.fixture(scope="module")
def zone(folder: Path) -> Zone:
    return Zone.load(folder / "zone")


def test_zone_is_sound_and_says_that_it_is_a_sample(zone: Zone, truth: RawTruth) -> None:
    assert [found for found in zone.check() if not found.is_warning] == []
    assert zone.is_sample
    members = zone["organisations"].filter(pl.col("zone").is_not_null())
    assert members.height == truth.n_firms + truth.n_institutes


def test_firm_of_five_names_is_one_and_namesakes_are_two(
    folder: Path, zone: Zone, truth: RawTruth
) -> None:
    records = pl.read_csv(folder / "zone.records.csv")
    ids = {
        name: set(records.filter(pl.col("name") == name)["id"]) for name in truth.one_firm
    } | {name: set(records.filter(pl.col("name") == name)["id"]) for pair in truth.namesakes
         for name in pair}  # fmt: skip
    english = zone["organisations"].filter(pl.col("name_en") == truth.one_firm[-1])["id"]
    one = {own for name in truth.one_firm[:-1] for own in ids[name]} | set(english)
    assert len(one) == 1
    assert all(ids[name] for name in truth.one_firm[:-1])
    for a, b in truth.namesakes:
        assert ids[a]
        assert ids[b]
        assert not ids[a] & ids[b]


def test_every_planted_fault_stands_in_the_findings_at_its_cell(
    folder: Path, truth: RawTruth
) -> None:
    told = {
        (row[0], row[1], row[2] or "", row[3] or 0, (row[4] or "").split(" ")[0])
        for row in pl.read_csv(folder / "zone.findings.csv").iter_rows()
    }
    planted = {(f.code, f.file, f.sheet, f.row, f.column) for f in truth.faults}
    assert planted - told == set()


def test_planted_holders_are_found_to_hold(zone: Zone, truth: RawTruth) -> None:
    names = dict(zone["organisations"].select("id", "name").iter_rows())
    held = {
        (capability, names.get(holder))
        for holder, capability in zone["holdings"].select("holder", "capability").iter_rows()
    }
    planted = {(c, name) for c, holders in truth.holders.items() for name in holders}
    assert len(planted & held) >= 0.95 * len(planted)


def test_consortia_consist_of_planted_holders(folder: Path, truth: RawTruth) -> None:
    needs: dict[str, set[str]] = {}
    for technology, capability in truth.needs:
        needs.setdefault(technology.replace("tech:", "ch:"), set()).add(capability)
    members = pl.read_csv(folder / "plan" / "tables" / "members.csv")
    challenges = set(members["challenge"])
    assert "ch:T01" in challenges
    for challenge in challenges:
        able = {name for c in needs[challenge] for name in truth.holders.get(c, ())}
        chosen = set(members.filter(pl.col("challenge") == challenge)["name"])
        assert len(chosen & able) >= 2, (challenge, chosen)
    chosen = set(members.filter(pl.col("challenge") == "ch:T01")["name"])
    assert "广州瀚禾微电子材料股份有限公司" in chosen  # nobody else of the zone makes the resist
    report = (folder / "plan" / "report.html").read_text("utf-8")
    assert "广州瀚禾微电子材料股份有限公司" in report
    assert "示例数据" in report


def test_match_puts_the_planted_holders_first(folder: Path, truth: RawTruth) -> None:
    told = json.loads((folder / "match.json").read_text("utf-8"))
    names = [row["name"] for row in told["candidates"]]
    able = {name for c in ("cap:deep-uv-resin", "cap:resist-formulation", "cap:photoacid")
            for name in truth.holders[c]}  # fmt: skip
    assert set(names[:3]) <= able
