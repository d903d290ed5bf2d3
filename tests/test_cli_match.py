"""``jicheng match``: every direction answers in both languages, as JSON and as a workbook."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main
from jicheng.zone import Zone
from match_builders import firm, held, match_zone, told

PATENT = {
    "id": "txt:patent",
    "kind": "patent",
    "title": "低金属杂质光刻胶树脂的制备",
    "body": "所得树脂用于深紫外光刻。",
    "period": 2023,
}


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("match") / "my-zone"
    match_zone(
        organisations=[
            firm("org:resin", name='=cmd|" /C calc"!A0'[1:]),
            firm("org:abroad", zone=None, country="USA"),
            firm("org:uni", kind="university"),
        ],
        people=[{"id": "per:li", "name": "李教授", "organisation": "org:uni", "kind": "person"}],
        texts=[PATENT, PATENT | {"id": "txt:abroad"}],
        text_parties=[
            told("txt:patent", "org:resin"),
            told("txt:abroad", "org:abroad"),
            told("txt:patent", "per:li", "author"),
        ],
        holdings=[held("org:resin", "cap:resist", 0.8), held("per:li", "cap:clean")],
        policies=[
            {"id": "pol:a", "name": "光刻胶树脂补贴", "subject": "organisation",
             "condition": "founded_year >= 2020"}
        ],
    ).save(path)  # fmt: skip
    return path


def run(zone: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["match", str(zone), "--engine", "words", *arguments])


def plain(zone: Path, *arguments: str) -> Any:
    result = run(zone, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_challenge_gets_candidates_with_a_sentence_and_the_engine(zone: Path) -> None:
    result = run(zone, "--challenge", "chal:resist")
    assert result.exit_code == 0, result.output
    for said in ("org:resin", "txt:patent", "【", "bm25", "words only", "在境外", "权重"):
        assert said in result.stdout
    found = plain(zone, "--challenge", "chal:resist")
    assert found["candidates"][0]["candidate"] == "org:resin"
    assert found["candidates"][0]["quotes"][0]["text"] == "txt:patent"
    assert found["excluded"]["abroad"] == 1


def test_indexes_lie_beside_the_zone_and_are_kept(zone: Path) -> None:
    before = sorted(path.name for path in zone.iterdir())
    run(zone, "--text", "光刻胶")
    assert sorted(path.name for path in zone.iterdir()) == before
    index = zone.with_name("my-zone.index")
    times = {path: path.stat().st_mtime_ns for path in index.rglob("*") if path.is_file()}
    assert times
    run(zone, "--text", "光刻胶")
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_explain_and_why_answer_in_both_languages(zone: Path) -> None:
    told = run(zone, "--challenge", "chal:resist", "--explain", "org:resin").stdout
    assert "文本相近" in told
    assert "Likeness of texts" in told
    why = run(zone, "--challenge", "chal:resist", "--why", "org:abroad").stdout
    assert "被排除" in why
    assert "--abroad" in why
    listed = plain(zone, "--challenge", "chal:resist", "--abroad", "--why", "org:abroad")
    assert listed["status"] == "listed"


@pytest.mark.parametrize(
    ("kind", "candidates"),
    [("people", {"per:li"}), ("facilities", set()), ("all", {"per:li", "org:resin", "org:uni"})],
)
def test_directions(zone: Path, kind: str, candidates: set[str]) -> None:
    found = plain(zone, "--text", "光刻胶树脂", "--kind", kind)["candidates"]
    assert candidates <= {row["candidate"] for row in found}


def test_limits_of_the_command_line_leave_out(zone: Path) -> None:
    found = plain(zone, "--challenge", "chal:resist", "--allow", "高校")
    assert "org:resin" not in {row["candidate"] for row in found["candidates"]}
    assert found["excluded"]["kind"] >= 1
    found = plain(zone, "--challenge", "chal:resist", "--exclude", "org:resin", "--lead")
    assert found["excluded"]["excluded"] == 1


def test_an_organisation_gets_challenges(zone: Path) -> None:
    result = run(zone, "--organisation", "org:resin")
    assert result.exit_code == 0, result.output
    assert "chal:resist" in result.stdout
    assert "nobody else reaches it" in result.stdout
    assert plain(zone, "--organisation", "org:resin")["challenges"][0]["fills"] == "cap:resist"


def test_a_result_gets_firms_but_not_its_makers(zone: Path) -> None:
    names = {row["candidate"] for row in plain(zone, "--result", "txt:abroad")["candidates"]}
    assert "org:resin" in names
    assert "org:abroad" not in names


def test_the_rules_decide_on_a_policy_and_likeness_never_does(zone: Path) -> None:
    found = plain(zone, "--policy", "pol:a")
    by_name = {row["candidate"]: row["rules"] for row in found["candidates"]}
    assert by_name["org:resin"] == "open"  # nobody knows when it was founded
    told = run(zone, "--policy", "pol:a").stdout
    assert "the rules decide" in told
    assert "规则结论" in told


def cells_of(out: Path, sheet: str) -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(out)[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def notes_of(out: Path) -> str:
    page = openpyxl.load_workbook(out)["说明 Notes"]
    return "\n".join(str(row[0] or "") for row in page.iter_rows(values_only=True))


def test_a_workbook_holds_candidates_exclusions_and_no_formula(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert run(zone, "--all", "--cap", "1", "-o", str(out)).exit_code == 0
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["说明 Notes", "候选者 Candidates", "排除 Left out", "移出 Moved"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_a_row_begins_with_the_need_and_tells_why_and_what_to_check(
    zone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    assert run(zone, "--challenge", "chal:resist", "-o", str(out)).exit_code == 0
    row = cells_of(out, "候选者 Candidates")[0]
    assert list(row)[:3] == ["需求 Need", "需求编号 Need id", "名次 Rank"]
    assert (row["需求编号 Need id"], row["候选者编号 Candidate id"]) == ("chal:resist", "org:resin")
    assert (row["类别 Kind"], row["所在 Where"]) == ("企业 Firm", "区内 in the zone")
    why = row["依据 Because"].splitlines()
    assert why[0].startswith("已达到 / reaches: 光刻胶树脂合成 / photoresist resin synthesis")
    assert why[1].startswith("专利 Patent 2023《低金属杂质光刻胶树脂的制备》（txt:patent）：“")
    assert "晶圆湿法清洗" in row["待核实 To check"]


def test_points_of_a_row_without_missing_data_add_up_to_its_score(
    zone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    run(zone, "--challenge", "chal:resist", "-o", str(out))
    row = cells_of(out, "候选者 Candidates")[0]
    points = [value for name, value in row.items() if name.endswith("(points)")]
    assert None not in points
    assert sum(points) == pytest.approx(row["得分 Score"], abs=0.01)


def test_a_criterion_without_data_is_empty_and_told_as_to_check(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(zone, "--challenge", "chal:resist", "--kind", "all", "-o", str(out))
    rows = {row["候选者编号 Candidate id"]: row for row in cells_of(out, "候选者 Candidates")}
    row = rows["per:li"]
    assert row["合作联系（分） Ties (points)"] is None
    assert "无数据 / no data: 合作联系" in row["待核实 To check"]
    assert row["所在 Where"] == "uni；区内 in the zone"


def test_notes_hold_terms_counts_and_the_state_of_the_zone(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(zone, "--challenge", "chal:resist", "--exclude", "org:uni", "-o", str(out))
    notes = notes_of(out)
    for said in (
        Zone.load(zone).content_hash, "数据日期 / data as of: 2026", "bm25", "条件 / limits",
        "文本相近 texts 0.", "查看 / looked at", "在境外", "found by no channel", "org:uni",
    ):  # fmt: skip
        assert said in notes


def test_the_rules_of_a_policy_are_told_in_words(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(zone, "--policy", "pol:a", "-o", str(out))
    verdicts = {row["规则结论 Rules"] for row in cells_of(out, "候选者 Candidates")}
    assert "待定 Open" in verdicts
    assert "the rules decide" in notes_of(out)


def test_csv_has_the_columns_of_the_workbook(zone: Path, tmp_path: Path) -> None:
    book, out = tmp_path / "out.xlsx", tmp_path / "out.csv"
    for file in (book, out):
        assert run(zone, "--challenge", "chal:resist", "-o", str(file)).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert list(rows[0]) == list(cells_of(book, "候选者 Candidates")[0])
    assert "txt:patent" in rows[0]["依据 Because"]


def test_the_same_zone_gives_the_same_bytes(zone: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for file in files:
        run(zone, "--all", "--kind", "all", "-o", str(file))
    assert files[0].read_bytes() == files[1].read_bytes()


def test_weights_can_be_changed_and_are_printed(zone: Path) -> None:
    weights = plain(zone, "--challenge", "chal:resist", "--weight", "texts=0")["weights"]
    assert "texts" not in weights
    assert sum(weights.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "E062"),
        (["--text", "a", "--policy", "pol:a"], "E062"),
        (["--text", " "], "E055"),
        (["--challenge", "chal:none"], "E053"),
        (["--policy", "pol:none"], "E056"),
        (["--text", "光刻胶", "--weight", "texts"], "E063"),
        (["--text", "光刻胶", "--weight", "nothing=1"], "E050"),
        (["--text", "光刻胶", "--allow", "club"], "E064"),
        (["--text", "光刻胶", "--why", "org:nobody"], "E078"),
        (["--organisation", "org:nobody"], "E078"),
        (["--organisation", "org:resin", "--plan", "no-plan"], "E065"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_remedy(
    zone: Path, arguments: list[str], code: str
) -> None:
    result = run(zone, *arguments)
    assert result.exit_code == 2, result.output
    assert code in result.stderr
