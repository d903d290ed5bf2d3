"""The template: complete, the same every time, and read back as it was filled in."""

from __future__ import annotations

import dataclasses
import datetime as dt

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings

from builders import make_zone
from jicheng.errors import InvalidInput
from jicheng.io import excel
from jicheng.io.excel.layout import sheet_name
from jicheng.schema import choices, zone_tables
from jicheng.zone import Zone
from zone_strategies import zones

TABLES = {
    "organisations": [
        {"id": "firm:a", "name": "甲公司", "kind": "firm", "country": "CHN", "may_lead": True,
         "credit_code": "914400000000000001", "cost": 12.5, "founded": 1999},
    ],
    "technologies": [{"id": "t", "name": "光刻胶", "kind": "material"}],
    "supply": [{"technology": "t", "supplier": "JPN", "country": "JPN", "share": 0.815,
                "as_of": dt.date(2026, 11, 24)}],
    "challenges": [{"id": "c", "technology": "t", "lead_kinds": "firm;university"}],
}  # fmt: skip


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "t.xlsx"
    excel.write_template(path)
    return path


def test_every_table_has_its_sheet_with_three_rows_of_headings(template):
    book = openpyxl.load_workbook(template)
    assert book.sheetnames[0] == "说明 Guide"
    assert book["_lists"].sheet_state == "hidden"
    for table in zone_tables().values():
        rows = list(book[sheet_name(table)].iter_rows(max_row=3, values_only=True))
        assert list(rows[2]) == list(table.names)
        for head, english, attribute in zip(rows[0], rows[1], table.attributes, strict=True):
            assert head.startswith(attribute.label.zh)
            assert english.startswith(attribute.label.en)
            assert head.endswith("*") == (attribute.status.value != "optional")


def test_headings_explain_themselves_and_stay_in_sight(template):
    book = openpyxl.load_workbook(template)
    for table in zone_tables().values():
        sheet = book[sheet_name(table)]
        assert sheet.freeze_panes.endswith("4")
        for column, attribute in enumerate(table.attributes, 1):
            comment = sheet.cell(1, column).comment.text
            assert attribute.help.zh in comment
            assert attribute.help.en in comment


def test_typing_is_checked_with_help_in_both_languages(template):
    book = openpyxl.load_workbook(template)
    rules = {
        (sheet.title, str(rule.sqref).split(":")[0]): rule
        for sheet in book
        for rule in sheet.data_validations.dataValidation
    }
    table = zone_tables()["organisations"]
    column = chr(ord("A") + table.names.index("kind"))
    kind = rules[sheet_name(table), f"{column}4"]
    assert kind.type == "list"
    area = kind.formula1.split("!")[1].replace("$", "")
    labels = [cell[0].value for cell in book["_lists"][area]]
    assert labels == [choice.label.zh for choice in choices()["organisation_kind"]]
    assert "组织类型" in kind.prompt
    assert "Kind of organisation" in kind.prompt
    share = zone_tables()["supply"].names.index("share")
    rule = rules[sheet_name(zone_tables()["supply"]), f"{chr(ord('A') + share)}4"]
    assert (rule.type, rule.formula1, rule.formula2) == ("decimal", "0.0", "1.0")
    technology = rules[sheet_name(zone_tables()["supply"]), "A4"]
    assert "技术 technologies" in technology.formula1
    assert technology.errorStyle == "warning"


def test_help_fits_what_excel_allows(template):
    for sheet in openpyxl.load_workbook(template):
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.prompt or "") <= 255
            assert len(rule.promptTitle or "") <= 32
            assert len(rule.error or "") <= 225
            assert len(rule.errorTitle or "") <= 32


def test_empty_template_is_a_zone_without_tables(template):
    zone = Zone.load(template)
    assert dict(zone.tables) == {}
    assert zone.warnings == ()


def test_filled_template_is_read_back(tmp_path):
    zone = make_zone(**TABLES)
    excel.write_template(tmp_path / "t.xlsx", zone=zone)
    again = Zone.load(tmp_path / "t.xlsx")
    assert again.content_hash == zone.content_hash
    assert again.warnings == ()
    assert again.sources[0].title == "t"


@settings(deadline=None, max_examples=12)
@given(zones)
def test_any_zone_is_read_back_but_for_the_last_bit_of_a_number(tmp_path_factory, zone):
    path = tmp_path_factory.mktemp("excel") / "t.xlsx"
    excel.write_template(path, zone=zone)
    again = excel.read(path, strict=False)
    for name, frame in zone.tables.items():
        if frame.is_empty():
            assert name not in again.tables
            continue
        floats = [c for c, kind in frame.schema.items() if kind == pl.Float64]
        exact = [c for c in frame.columns if c not in floats]
        assert again[name].select(exact).equals(frame.select(exact))
        for column in floats:
            one, other = frame[column], again[name][column]
            assert (one.is_null() == other.is_null()).all()
            scale = pl.DataFrame({"a": one.abs(), "b": other.abs()}).max_horizontal()
            assert ((one - other).abs() <= 1e-14 * scale).all()


def test_staff_see_labels_and_codes_keep_their_digits(tmp_path):
    excel.write_template(tmp_path / "t.xlsx", zone=make_zone(**TABLES))
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")[sheet_name(zone_tables()["organisations"])]
    row = {sheet.cell(3, k).value: sheet.cell(4, k).value for k in range(1, sheet.max_column + 1)}
    assert row["kind"] == "企业"
    assert row["may_lead"] == "是"
    assert row["credit_code"] == "914400000000000001"


def test_sample_zone_is_marked_on_every_sheet(tmp_path):
    zone = make_zone(**TABLES)
    marked = zone["zones"].with_columns(is_sample=pl.lit(value=True))
    excel.write_template(tmp_path / "t.xlsx", zone=zone.with_tables(zones=marked))
    for sheet in openpyxl.load_workbook(tmp_path / "t.xlsx"):
        if sheet.sheet_state == "visible":
            header = str(sheet.oddHeader.center.text)
            cells = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row)
            assert "示例数据" in header + cells
            assert "SAMPLE" in header + cells


def test_same_input_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        excel.write_template(tmp_path / f"{name}.xlsx", zone=make_zone(**TABLES))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_some_tables_may_be_chosen_and_unknown_ones_are_refused(tmp_path):
    excel.write_template(tmp_path / "t.xlsx", tables=["supply", "technologies"])
    names = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert names == ["说明 Guide", "技术 technologies", "供给 supply", "_lists"]
    with pytest.raises(InvalidInput, match="E107"):
        excel.write_template(tmp_path / "u.xlsx", tables=["suply"])
    assert not (tmp_path / "u.xlsx").exists()


def test_text_that_excel_cannot_hold_is_refused(tmp_path):
    zone = make_zone(sites=[{"id": "s", "name": "园区", "geometry": "x" * 40_000}])
    with pytest.raises(InvalidInput) as caught:
        excel.write_template(tmp_path / "t.xlsx", zone=zone)
    (found,) = caught.value.faults
    assert (found.code, found.where.column) == ("E115", "geometry")
    assert not (tmp_path / "t.xlsx").exists()


def test_table_that_excel_cannot_hold_is_refused(tmp_path):
    zone = make_zone(sites=[{"id": "s", "name": "园区"}])
    row = zone["sites"]
    many = row.select(pl.all().repeat_by(1_048_575).explode())
    big = dataclasses.replace(zone, tables={"sites": many})
    with pytest.raises(InvalidInput, match="E116"):
        excel.write_template(tmp_path / "t.xlsx", zone=big)
