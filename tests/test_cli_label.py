"""``jicheng label``: a sheet out, answers in, quality measured."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main
from match_builders import firm, held, match_zone, told

HOSTILE = "+HYPERLINK(1)"


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    path = tmp_path / "my-zone"
    match_zone(
        organisations=[firm("org:resin")],
        texts=[{"id": "txt:r", "kind": "patent", "title": "低金属杂质光刻胶树脂",
                "body": "用于深紫外。 =1+1"}],
        text_parties=[told("txt:r", "org:resin")],
        holdings=[held("org:resin", "cap:resist", 0.8)],
    ).save(path)  # fmt: skip
    return path


def run(zone: Path, *arguments: object) -> Result:
    words = ["label", str(zone), "--engine", "words", *map(str, arguments)]
    return CliRunner().invoke(main, words)


def filled(zone: Path, grades: dict[str, str], **cells: str) -> Path:
    sheet = zone.with_name("labels.xlsx")
    made = run(zone, "--challenge", "chal:resist", "--sheet", sheet, "--replace")
    assert made.exit_code == 0, made.output
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    column = {str(cell.value).split()[-1]: cell.column for cell in page[1]}
    heads = {str(cell.value): cell.column for cell in page[1]}
    for row in range(2, page.max_row + 1):
        candidate = str(page.cell(row, heads["候选者编号 Candidate id"]).value)
        if candidate in grades:
            page.cell(row, column["Grade"], grades[candidate])
            for head, value in cells.items():
                page.cell(row, column[head], value)
    book.save(sheet)
    return sheet


def test_the_sheet_shows_sentences_and_a_drop_down_but_no_score(zone: Path) -> None:
    sheet = filled(zone, {})
    page = openpyxl.load_workbook(sheet).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert any("低金属杂质光刻胶树脂" in str(cell) for row in rows for cell in row)
    assert not any(isinstance(cell, int | float) for row in rows for cell in row)
    assert any("2 能解决" in str(one.formula1) for one in page.data_validations.dataValidation)
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    names = [row[2] for row in rows[1:]]
    assert names != sorted(names)


def test_answers_are_added_and_the_later_one_of_a_person_counts(zone: Path) -> None:
    first = run(zone, "--from", filled(zone, {"org:resin": "1 能帮上一部分"}), "--who", "张三")
    assert first.exit_code == 0, first.output
    labels = zone.with_name("my-zone.labels.csv")
    before = labels.read_bytes()
    run(zone, "--from", filled(zone, {"org:resin": "2", "org:other4": "0"}), "--who", "张三")
    run(zone, "--from", filled(zone, {"org:resin": "2", "org:other4": "0"}, Who="李四"))
    assert labels.read_bytes().startswith(before)
    told = run(zone, "--quality", "--json")
    assert told.exit_code == 0, told.output
    (found,) = json.loads(told.stdout)["kinds"]
    assert (found["n_labels"], found["n_pairs"], found["n_people"]) == (4, 2, 2)
    assert found["agreement"][0]["kappa"] == 1.0
    assert {row["engine"] for row in found["measures"]} >= {"words", "texts", "everything"}
    shown = run(zone, "--quality").stdout
    assert "κ" in shown
    assert "mean something from" in shown


@pytest.fixture
def every_kind(tmp_path: Path) -> Path:
    path = tmp_path / "every-kind"
    match_zone(
        organisations=[firm("org:resin")],
        people=[{"id": "per:li", "name": "李雷", "organisation": "org:resin", "kind": "person"}],
        facilities=[{"id": "fac:line", "name": "光刻胶树脂中试线", "owner": "org:resin"}],
        texts=[{"id": "txt:r", "kind": "paper", "title": "低金属杂质光刻胶树脂"}],
        text_parties=[told("txt:r", "per:li", "author")],
    ).save(path)
    return path


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("people", {"per:li"}),
        ("facilities", {"fac:line"}),
        ("all", {"per:li", "fac:line", "org:resin"}),
    ],
)
def test_a_sheet_asks_of_the_kind_that_is_wanted(
    every_kind: Path, kind: str, asked: set[str]
) -> None:
    sheet = every_kind.with_name("kind.xlsx")
    made = run(every_kind, "--challenge", "chal:resist", "--kind", kind, "--sheet", sheet)
    assert made.exit_code == 0, made.output
    page = openpyxl.load_workbook(sheet).worksheets[0]
    rows = {str(row[2].value): row for row in page.iter_rows(min_row=2)}
    strangers = {name for name in rows if name.startswith("org:other")}
    assert rows.keys() - strangers == asked
    if kind == "people":
        assert [cell.value for cell in rows["per:li"][3:6]] == ["李雷", "人员", "resin"]


def test_quality_is_told_for_each_kind_apart(every_kind: Path) -> None:
    sheet = every_kind.with_name("kinds.csv")
    rows = ["项目编号,候选者编号,评分", "chal:resist,per:li,2", "chal:resist,org:resin,1"]
    sheet.write_text("\n".join(rows), "utf-8")
    read = run(every_kind, "--from", sheet, "--who", "张三")
    assert read.exit_code == 0, read.output
    found = json.loads(run(every_kind, "--quality", "--json").stdout)["kinds"]
    assert [(one["kind"], one["n_labels"]) for one in found] == [
        ("organisations", 1),
        ("people", 1),
    ]
    alone = json.loads(run(every_kind, "--quality", "--kind", "people", "--json").stdout)["kinds"]
    assert [one["kind"] for one in alone] == ["people"]
    assert "people: 1 labels" in run(every_kind, "--quality").stdout
    nobody = run(every_kind, "--quality", "--kind", "facilities")
    assert nobody.exit_code == 2
    assert "E076" in nobody.stderr


def test_hostile_notes_are_kept_as_text(zone: Path) -> None:
    sheet = filled(zone, {"org:resin": "2"}, Note=HOSTILE)
    assert run(zone, "--from", sheet, "--who", "张三").exit_code == 0
    assert f"'{HOSTILE}" in zone.with_name("my-zone.labels.csv").read_text("utf-8-sig")


def test_every_wrong_cell_is_named_and_nothing_is_added(zone: Path) -> None:
    sheet = filled(zone, {"org:resin": "很好", "org:other4": "1"})
    result = run(zone, "--from", sheet)
    assert result.exit_code == 2
    for code in ("E070", "E072"):
        assert code in result.stderr
    assert "grade" in result.stderr
    assert not zone.with_name("my-zone.labels.csv").exists()
    assert sheet.with_name("labels.批注.xlsx").is_file()


def test_ids_that_somebody_changed_are_refused(zone: Path) -> None:
    sheet = filled(zone, {"org:resin": "2"})
    book = openpyxl.load_workbook(sheet)
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[2].value == "org:resin":
            row[2].value = "org:resim"
    book.save(sheet)
    result = run(zone, "--from", sheet, "--who", "张三")
    assert "E071" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "E074"),
        (["--quality", "--sheet", "x.xlsx"], "E074"),
        (["--quality"], "E073"),
        (["--sheet", "x.xlsx"], "E075"),
        (["--from", "none.xlsx"], "E150"),
    ],
)
def test_what_cannot_be_is_refused(
    zone: Path, arguments: list[str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(zone.parent)
    result = run(zone, *arguments)
    assert result.exit_code == 2
    assert code in result.stderr
