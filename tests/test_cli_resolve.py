from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result

from intake_builders import FIRMS, PATENTS, write_lists
from jicheng.cli import main
from jicheng.cli_label import labels_file
from jicheng.cli_matcher import index_folder
from jicheng.cli_resolve import judgements_file
from jicheng.errors import InvalidInput
from jicheng.integrate.resolve import Judgements, Verdict
from jicheng.zone import Zone

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    write_lists(tmp_path / "lists", firms=FIRMS, patents=PATENTS)
    return tmp_path / "lists"


def test_resolve_says_what_was_read_and_joined(lists: Path, tmp_path: Path) -> None:
    shown = run("resolve", lists, "-o", tmp_path / "zone", "--zone-name", "示例园区").output
    assert "firms.xlsx 表：企业名录 / list of firms，读取 3 行 / rows" in shown
    assert "记录 / records" in shown
    assert "E644" in shown
    assert (tmp_path / "zone" / "datapackage.json").exists()
    for what in ("findings", "records", "provenance"):
        assert (tmp_path / f"zone.{what}.csv").exists()
    assert not (tmp_path / "zone.judgements.csv").exists()


def test_json_holds_counts_and_findings(lists: Path, tmp_path: Path) -> None:
    result = run("resolve", lists, "-o", tmp_path / "zone", "--json")
    told = json.loads(result.stdout)
    assert told["tables"]["organisations"] == 4
    assert {one["kind"] for one in told["lists"]} == {"firms", "patents"}
    assert told["joined"]["组织"]["records"] > told["joined"]["组织"]["entities"] == 4


def test_existing_zone_is_not_replaced_unasked(lists: Path, tmp_path: Path) -> None:
    run("resolve", lists, "-o", tmp_path / "zone")
    before = (tmp_path / "zone" / "datapackage.json").read_bytes()
    assert "E606" in run("resolve", lists, "-o", tmp_path / "zone", code=2).output
    run("resolve", lists, "-o", tmp_path / "zone", "--replace")
    assert (tmp_path / "zone" / "datapackage.json").read_bytes() == before


def test_file_that_cannot_be_read_leaves_nothing(lists: Path, tmp_path: Path) -> None:
    (lists / "bad.xlsx").write_bytes(b"x")
    shown = run("resolve", lists, "-o", tmp_path / "zone", code=2).output
    assert "E170" in shown
    assert not (tmp_path / "zone").exists()


def test_explain_tells_why_two_names_are_one_or_two(lists: Path, tmp_path: Path) -> None:
    ask = ("resolve", lists, "-o", tmp_path / "zone", "--explain")
    one = run(*ask, "广州澜图光电有限公司", "广州翊帆半导体有限公司").output
    assert "不同 / two" in one
    assert not (tmp_path / "zone").exists()
    assert "E653" in run(*ask, "没有的公司", "广州翊帆半导体有限公司", code=2).output
    told = json.loads(run(*ask, "广州澜图光电有限公司", "岭湾大学", "--json").stdout)
    assert told["is_one"] is False


def test_joining_by_identifiers_compares_no_names(lists: Path, tmp_path: Path) -> None:
    shown = run("resolve", lists, "-o", tmp_path / "zone", "--join-by", "identifiers").output
    assert "（identifiers）" in shown


def test_review_sheet_is_decided_kept_and_undone(tmp_path: Path) -> None:
    patents = [
        PATENTS[0],
        ["CN202310123456.7", "一种光刻胶", "用于光刻", "甲大学", "赵一；钱二", 2023],
        ["CN202310123457.5", "一种真空泵", "用于抽气", "甲大学", "赵一；孙三", 2010],
    ]
    write_lists(tmp_path / "lists", firms=FIRMS, patents=patents)
    zone, sheet = tmp_path / "zone", tmp_path / "review.xlsx"
    make = ("resolve", tmp_path / "lists", "-o", zone, "--replace")
    run(*make, "--review", sheet)
    before = (zone / "datapackage.json").read_bytes()
    people = pl.read_csv(zone / "people.csv").filter(pl.col("name") == "赵一").height
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    heads = [str(cell.value) for cell in page[1]]
    assert page.max_row >= 2
    column = next(k for k, head in enumerate(heads, 1) if head.startswith("判定"))
    page.cell(2, column).value = "同一"
    book.save(sheet)
    assert "E656" in run(*make, "--judgements", sheet, code=2).output
    run(*make, "--judgements", sheet, "--who", "张三")
    kept = pl.read_csv(tmp_path / "zone.judgements.csv")
    assert kept["who"].to_list() == ["张三"]
    assert pl.read_csv(zone / "people.csv").filter(pl.col("name") == "赵一").height == people - 1
    run(*make, "--judgements", sheet, "--who", "张三")  # again: nothing new
    assert pl.read_csv(tmp_path / "zone.judgements.csv").height == 1
    run(*make, "--undo", "1", "--who", "李四")
    assert (zone / "datapackage.json").read_bytes() == before
    assert pl.read_csv(tmp_path / "zone.judgements.csv").height == 2
    page.cell(2, column).value = "大概"
    book.save(sheet)
    assert "E649" in run(*make, "--judgements", sheet, "--who", "张三", code=2).output


def test_sample_writes_five_files_and_their_truth(tmp_path: Path) -> None:
    run("sample", tmp_path / "raw", "--scale", "raw")
    assert len(list((tmp_path / "raw").glob("*.xlsx"))) == 5
    assert {file.stem for file in (tmp_path / "raw.truth").iterdir()} == {
        "needs", "one_firm", "namesakes", "faults", "holders"}  # fmt: skip
    run("sample", tmp_path / "raw", "--scale", "raw", code=2)


def test_dot_is_a_zone(lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("resolve", lists, "-o", tmp_path / "zone")
    monkeypatch.chdir(tmp_path / "zone")
    assert index_folder(Path()) == tmp_path / "zone.index"
    assert labels_file(Path()) == tmp_path / "zone.labels.csv"
    assert judgements_file(Path()) == tmp_path / "zone.judgements.csv"


def test_judgements_are_kept_before_the_zone_is_written(
    lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Judgements().say("a", "b", Verdict.SAME, who="王", at=NOW, why="核实")
    monkeypatch.setattr("jicheng.cli_resolve._decided", lambda *_: said)

    def refuse(*_: object) -> None:
        raise InvalidInput.of("E119", file="zone.judgements.csv", found=1)

    monkeypatch.setattr(Judgements, "keep", refuse)
    run("resolve", lists, "-o", tmp_path / "zone", code=2)
    assert not (tmp_path / "zone").exists()


def test_replace_carries_over_what_people_stated(lists: Path, tmp_path: Path) -> None:
    zone, again = tmp_path / "zone", ("resolve", lists, "-o", tmp_path / "zone", "--replace")
    run("resolve", lists, "-o", zone)
    made = Zone.load(zone)
    a, b = made["organisations"]["id"].to_list()[:2]
    title = next(one.title for one in made.sources if "organisations" in one.tables)
    holdings = [
        {"holder": a, "capability": "cap:1", "level": 0.5, "source": "专家"},
        {"holder": b, "capability": "cap:1", "level": 0.5, "source": "jicheng.profile.words: x"},
        {"holder": "org:gone", "capability": "cap:1", "level": 0.5},
    ]
    more = Zone.of(
        {
            "capabilities": [{"id": "cap:1", "name": "光刻"}],
            "ties": [{"a": a, "b": b, "kind": "project", "source": "专家"}],
            "holdings": holdings,
            "organisations": [
                {"id": "org:gone", "name": "没有了", "kind": "firm", "source": title}
            ],
        },
        strict=False,  # its holders stand in the other zone
    )
    both = {"organisations": pl.concat([made["organisations"], more["organisations"]])}
    rest = {name: more[name] for name in ("capabilities", "ties", "holdings")}
    made.with_tables(**both, **rest).save(zone)
    shown = run(*again).output
    assert "holdings 1，未保留 / dropped 1" in shown
    assert "E661" in shown
    new = Zone.load(zone)
    assert new["holdings"]["holder"].to_list() == [a]
    assert (new["capabilities"].height, new["ties"].height) == (1, 1)
    kept = pl.read_csv(tmp_path / "zone.replaced.csv")
    assert set(kept.select("what", "key").iter_rows()) == {
        ("dropped", "org:gone|cap:1"), ("gone", "org:gone"),
    }  # fmt: skip
    before = {file.name: file.read_bytes() for file in zone.iterdir()}
    assert "E66" not in run(*again).output.replace("E660", "")
    assert {file.name: file.read_bytes() for file in zone.iterdir()} == before


def test_replacing_keeps_name_country_and_year_of_the_zone(lists: Path, tmp_path: Path) -> None:
    make = ("resolve", lists, "-o", tmp_path / "zone")
    run(*make, "--zone-name", "岭湾高新区", "--home", "SGP", "--year", "2024")
    before = Zone.load(tmp_path / "zone")
    run(*make, "--replace")
    assert Zone.load(tmp_path / "zone").content_hash == before.content_hash


def test_who_decides_is_a_name_and_no_formula(lists: Path, tmp_path: Path) -> None:
    make = ("resolve", lists, "-o", tmp_path / "zone", "--undo", "1")
    assert "E037" in run(*make, "--who", "=cmd|A1", code=2).output


def test_review_says_which_texts_each_person_stands_in_and_where(tmp_path: Path) -> None:
    patents = [
        PATENTS[0],
        ["CN202310123456.7", "一种光刻胶", "用于光刻", "甲大学", "赵一；钱二", 2023],
        ["CN202310123457.5", "一种真空泵", "用于抽气", "甲大学", "赵一；孙三", 2010],
    ]
    write_lists(tmp_path / "lists", firms=FIRMS, patents=patents)
    sheet = tmp_path / "review.csv"
    run("resolve", tmp_path / "lists", "-o", tmp_path / "zone", "--review", sheet)
    rows = pl.read_csv(sheet, infer_schema=False)
    row = rows.filter(pl.col("记录甲 Record A") == "赵一").row(0, named=True)
    said = row["甲的内容 What A says"] + row["乙的内容 What B says"]
    assert "《一种光刻胶》（2023）" in said
    assert "《一种真空泵》（2010）" in said
    assert "共同署名：钱二" in said
    assert row["甲的来源 Source of A"].endswith("行")


def test_file_that_the_system_refuses_is_told_with_a_remedy(lists: Path, tmp_path: Path) -> None:
    (tmp_path / "review.xlsx").mkdir()  # as little to be replaced as a file that Excel has open
    make = ("resolve", lists, "-o", tmp_path / "zone", "--review", tmp_path / "review.xlsx")
    told = run(*make, code=2).output
    assert "E670" in told
    assert "review.xlsx" in told
