"""The five raw files: what is planted in them is told by the reader, and nothing else."""

from __future__ import annotations

import pytest

from jicheng.identifiers import Scheme, read
from jicheng.io.raw import RawFile, read_file
from jicheng.sample.raw import RawSample, generate_raw
from jicheng.sample.raw.bodies import person_names
from jicheng.taxonomy import load

CELLS = {"E176", "E370", "E371"} | {f"E63{k}" for k in range(10)} | {"E658"}


@pytest.fixture(scope="module")
def made() -> RawSample:
    return generate_raw()


@pytest.fixture(scope="module")
def files(made: RawSample, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RawFile]:
    folder = tmp_path_factory.mktemp("raw")
    for name, data in made.files.items():
        (folder / name).write_bytes(data)
    return {name: read_file(folder / name) for name in made.files}


def test_every_planted_fault_is_told_at_its_cell_and_no_other(
    made: RawSample, files: dict[str, RawFile]
) -> None:
    told = {
        (
            one.where.table,
            one.where.sheet.removeprefix(one.where.table).lstrip("/"),
            one.where.row or 0,
            one.where.column.split(" ")[0],
            one.code,
        )
        for file in files.values()
        for one in file.faults
        if one.code in CELLS
    }
    planted = {(f.file, f.sheet, f.row, f.column, f.code) for f in made.truth.faults}
    assert told == planted
    assert len(planted) >= 25


def test_sizes_are_those_of_a_small_zone(made: RawSample, files: dict[str, RawFile]) -> None:
    rows = {one.sheet.name: len(one.rows) for file in files.values() for one in file.lists}
    assert (made.truth.n_firms, made.truth.n_institutes) == (60, 8)
    assert (rows["企业名录"], rows["科研院所"]) == (60, 8)
    assert 140 <= rows["专利"] <= 155
    assert 55 <= rows["论文"] + rows["科技项目"] <= 65
    assert (rows["大型仪器"], rows["关键技术清单"]) == (25, 7)


def test_every_call_gives_the_same_bytes(made: RawSample) -> None:
    assert generate_raw().files == made.files


def test_files_say_that_they_are_made_up(files: dict[str, RawFile]) -> None:
    assert all(any(one.is_sample for one in file.lists) for file in files.values())


def test_codes_are_valid_and_of_no_real_division(made: RawSample) -> None:
    for body in made.there:
        assert read(Scheme.CREDIT_CODE, body.code).is_valid
        assert body.code[2:8] == "999999"
    assert len({body.code for body in made.there}) == len(made.there)
    assert len({body.name for body in made.there}) == len(made.there)


def test_capabilities_are_those_of_the_shipped_taxonomy(made: RawSample) -> None:
    known = set(load()["id"])
    assert {capability for _, capability in made.truth.needs} <= known
    assert set(made.truth.holders) <= known


def test_names_of_people_are_enough_and_differ() -> None:
    assert len(person_names()) > 850
