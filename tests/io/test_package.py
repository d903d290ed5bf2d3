"""Data packages: what is written is read back, and what is wrong loads nothing."""

from __future__ import annotations

import dataclasses
import json

import frictionless
import polars as pl
import pytest
from hypothesis import given, settings

from builders import make_zone
from jicheng.errors import InvalidInput, fault
from jicheng.io import package
from jicheng.io.limits import Limits
from jicheng.zone import Source, Zone
from zone_strategies import zones

TABLES = {
    "technologies": [{"id": "t1", "name": '光刻机, "ArF"\n浸没式'}, {"id": "t2", "name": "镜头"}],
    "links": [{"source": "t2", "target": "t1", "relation": "input", "weight": 0.1}],
    "supply": [{"technology": "t1", "supplier": "NLD", "country": "NLD", "share": "81.5%"}],
    "restrictions": [{"country": "NLD", "risk": 0.5, "as_of": "2026-11-24"}],
}


def example(**more):
    return make_zone(**(TABLES | more))


def refused(path, **options):
    with pytest.raises(InvalidInput) as caught:
        package.read(path, **options)
    return [(f.code, f.where.table, f.where.row, f.where.column) for f in caught.value.faults]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "zone"
    example().save(path)
    return path


def edit(file, old, new):
    file.write_text(file.read_text("utf-8").replace(old, new), encoding="utf-8")


# What is written is read back


@settings(deadline=None, max_examples=25)
@given(zones)
def test_zone_comes_back_as_it_was(tmp_path_factory, zone):
    for form in ("csv", "parquet"):
        path = tmp_path_factory.mktemp("zones") / "zone"
        package.write(zone, path, form=form)
        again = package.read(path, strict=False) if zone.tables else None
        if again is not None:
            assert again.content_hash == zone.content_hash
            assert list(again.tables) == list(zone.tables)
            assert all(again[name].equals(zone[name]) for name in zone.tables)
            assert again.warnings == ()


def test_same_zone_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        example().save(tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_sources_and_warnings_come_back(tmp_path):
    noted = dataclasses.replace(
        example(),
        sources=(Source("统计", "https://example.org", "CC BY 4.0", "2026-11-01", ("supply",)),),
        warnings=(fault("E197", is_warning=True, period=2025),),
    )
    noted.save(tmp_path / "zone")
    again = Zone.load(tmp_path / "zone")
    assert again.sources == noted.sources
    assert again.warnings == noted.warnings


def test_package_is_valid_for_frictionless(folder):
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["fieldName", "rowNumber", "message"])
    described = frictionless.Package(str(folder / "datapackage.json"))
    links = described.get_resource("links").schema
    assert links.primary_key == ["source", "target", "relation"]
    assert {key["reference"]["resource"] for key in links.foreign_keys} == {"technologies"}
    share = described.get_resource("supply").schema.get_field("share")
    assert (share.type, share.constraints) == ("number", {"minimum": 0.0, "maximum": 1.0})


@pytest.mark.parametrize(
    ("old", "new"), [("0.815", "1.815"), ("NLD,NLD", "NLD,Netherlands"), ("country,", "region,")]
)
def test_frictionless_finds_what_the_description_forbids(folder, old, new):
    description = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in description["resources"]:
        del resource["hash"], resource["bytes"]
    (folder / "datapackage.json").write_text(json.dumps(description), encoding="utf-8")
    edit(folder / "supply.csv", old, new)
    assert not frictionless.validate(str(folder / "datapackage.json")).valid


def test_parquet_is_described_and_read(tmp_path):
    package.write(example(), tmp_path / "zone", form="parquet")
    description = json.loads((tmp_path / "zone" / "datapackage.json").read_text("utf-8"))
    assert {resource["format"] for resource in description["resources"]} == {"parquet"}
    assert frictionless.Package.metadata_validate(description) is not None
    assert pl.read_parquet(tmp_path / "zone" / "supply.parquet")["share"].to_list() == [0.815]


def test_folder_of_csv_without_description_is_read_with_headings_of_either_language(tmp_path):
    (tmp_path / "technologies.csv").write_bytes("编号,名称*\nt1,光刻机\n".encode("gb18030"))
    (tmp_path / "供给.csv").write_text(
        "Technology,供给方,Country,份额\nt1,NLD,荷兰,81.5%\n", "utf-8"
    )
    (tmp_path / "readme.txt").write_text("x")
    zone = Zone.load(tmp_path)
    assert zone["supply"]["share"].to_list() == [0.815]
    assert zone["supply"]["country"].to_list() == ["NLD"]
    assert [f.code for f in zone.warnings] == ["E153"]


# What is wrong loads nothing


def test_every_fault_of_every_table_is_listed_with_its_line(tmp_path):
    (tmp_path / "technologies.csv").write_text('id,name\nt1,"a\nb"\n\nt2,=cmd\n,c\n', "utf-8")
    (tmp_path / "supply.csv").write_text(
        "technology,supplier,country,share\nt1,NLD,NLD,61\nt9,JPN,JPN,0.5\n", "utf-8"
    )
    (tmp_path / "sites.csv").write_text("id,name\ns1\n", "utf-8")
    assert refused(tmp_path) == [
        ("E158", "sites", 2, ""),
        ("E111", "supply", 2, "share"),
        ("E103", "technologies", 6, "id"),
        ("E106", "technologies", 5, "name"),
    ]


def test_consistency_is_judged_beside_typing_where_tables_are_sound(tmp_path):
    (tmp_path / "technologies.csv").write_text("id,name\nt1,a\n", "utf-8")
    (tmp_path / "sites.csv").write_text("id,name,area\ns1,a,big\n", "utf-8")
    (tmp_path / "links.csv").write_text("source,target,relation\nt1,t2,input\n", "utf-8")
    (tmp_path / "organisations.csv").write_text("id,name,kind,site\no,n,firm,s9\n", "utf-8")
    assert refused(tmp_path) == [
        ("E102", "sites", 2, "area"),
        ("E121", "links", 2, "target"),
    ]


def test_faults_of_consistency_name_the_line(folder):
    edit(folder / "links.csv", "t2,t1,input", "t2,t1,input,,,,\nt1,t2,input")
    assert refused(folder) == [("E120", "links", 3, "target")]


def test_formula_in_a_cell_is_refused_with_its_remedy(folder):
    edit(folder / "technologies.csv", "镜头", "=HYPERLINK(1)")
    with pytest.raises(InvalidInput) as caught:
        Zone.load(folder)
    (found,) = caught.value.faults
    assert found.code == "E106"
    assert str(found.where) == "technologies:4:name"
    assert "公式" in found.message.zh
    assert "formula" in found.message.en


def test_headings_that_repeat_or_are_missing_are_named(tmp_path):
    (tmp_path / "sites.csv").write_text("id,名称,name,,area\ns,a,b,c,1\n", "utf-8")
    assert refused(tmp_path) == [("E157", "sites", None, ""), ("E156", "sites", None, "name")]


def test_heading_that_is_empty_over_an_empty_column_is_no_fault(tmp_path):
    (tmp_path / "sites.csv").write_text("id,name,\ns,a,\n", "utf-8")
    assert package.read(tmp_path)["sites"]["id"].to_list() == ["s"]


def test_empty_file_is_refused(tmp_path):
    (tmp_path / "sites.csv").touch()
    assert refused(tmp_path) == [("E155", "sites", None, "")]


def test_unknown_table_and_no_table_are_refused(tmp_path):
    assert refused(tmp_path) == [("E167", "", None, "")]
    (tmp_path / "organizations.csv").write_text("id\n", "utf-8")
    assert refused(tmp_path) == [("E107", "", None, "")]


def test_table_in_two_files_is_refused(tmp_path):
    for name in ("sites.csv", "园区.csv"):
        (tmp_path / name).write_text("id,name\ns,a\n", "utf-8")
    assert refused(tmp_path) == [("E166", "sites", None, "")]


def test_file_over_the_limit_is_refused(folder):
    limits = dataclasses.replace(Limits(), file_bytes=100)
    assert ("E151", "supply", None, "") in refused(folder, limits=limits)


def test_broken_parquet_is_refused(tmp_path):
    (tmp_path / "sites.parquet").write_bytes(b"PAR1 not really PAR1")
    assert refused(tmp_path) == [("E189", "sites", None, "")]


def test_parquet_of_other_types_is_typed_or_refused(tmp_path):
    pl.DataFrame({"id": [1, 2], "name": ["a", "b"], "area": ["1,200", "x"]}).write_parquet(
        tmp_path / "sites.parquet"
    )
    assert refused(tmp_path) == [("E102", "sites", 2, "area")]


# The description is not trusted


def describe(folder, change):
    file = folder / "datapackage.json"
    description = json.loads(file.read_text("utf-8"))
    change(description)
    file.write_text(json.dumps(description), encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    ["../supply.csv", "/etc/passwd", "a/../../x.csv", "C:\\x.csv", "C:/x.csv",
     "https://example.org/x.csv", "..\\x.csv", "x\0.csv", ""],
)  # fmt: skip
def test_path_out_of_the_folder_is_refused(folder, path):
    (folder.parent / "supply.csv").write_text("technology,supplier\n")
    describe(folder, lambda d: d["resources"][0].update(path=path))
    codes = [fault[0] for fault in refused(folder)]
    assert "E162" in codes


def test_symbolic_link_is_refused(folder):
    secret = folder.parent / "secret.csv"
    secret.write_text("id,name\n")
    (folder / "zones.csv").unlink()
    (folder / "zones.csv").symlink_to(secret)
    assert [fault[0] for fault in refused(folder)] == ["E163"]
    (folder / "datapackage.json").unlink()
    assert [fault[0] for fault in refused(folder)] == ["E163"]


def test_file_that_is_listed_but_absent_is_refused(folder):
    (folder / "supply.csv").unlink()
    assert [fault[0] for fault in refused(folder)] == ["E150"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"resources": 5}', '{"resources": [5]}', '{"resources": [{}]}',
     '{"resources": [{"name": "zones", "path": ["a", "b"]}]}', "[" * 100_000,
     '{"resources": [], "sources": {"a": 1}}', '{"resources": [], "jicheng": 7}'],
)  # fmt: skip
def test_description_that_is_none_is_refused(folder, text):
    (folder / "datapackage.json").write_text(text)
    assert [fault[0] for fault in refused(folder)] == ["E161"]


def test_resource_that_is_no_table_is_refused(folder):
    describe(folder, lambda d: d["resources"][0].update(name="zonez"))
    assert "E107" in [fault[0] for fault in refused(folder)]


def test_content_that_differs_from_its_hash_is_warned_of(folder):
    edit(folder / "supply.csv", "0.815", "0.715")
    zone = Zone.load(folder)
    assert [(f.code, f.where.table) for f in zone.warnings] == [("E164", "supply")]


def test_same_content_in_other_bytes_is_no_change(folder):
    data = (folder / "supply.csv").read_bytes()
    (folder / "supply.csv").write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert Zone.load(folder).warnings == ()


def test_table_beside_the_description_is_read_with_a_warning(folder):
    (folder / "sites.csv").write_text("id,name\ns,a\n", "utf-8")
    zone = Zone.load(folder)
    assert zone["sites"].height == 1
    assert [f.code for f in zone.warnings] == ["E165"]


# Writing destroys nothing


def test_folder_with_anything_else_is_never_overwritten(folder):
    (folder / "notes.docx").write_text("mine")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(InvalidInput, match="E168") as caught:
        example().save(folder)
    assert "notes.docx" in caught.value.faults[0].message.zh
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_folder_that_is_no_package_and_a_file_are_never_overwritten(tmp_path):
    (tmp_path / "mine.csv").write_text("x")
    for path in (tmp_path, tmp_path / "mine.csv"):
        with pytest.raises(InvalidInput, match="E168"):
            example().save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.csv"]


def test_zone_that_breaks_the_schema_is_not_written_and_the_old_one_stands(folder):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    bad = example()["technologies"].with_columns(name=pl.lit("=cmd"))
    with pytest.raises(InvalidInput, match="E106"):
        example().with_tables(technologies=bad).save(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [file.name for file in folder.parent.iterdir()] == [folder.name]


def test_package_is_replaced_by_one_with_other_tables(folder):
    make_zone().save(folder)
    assert sorted(file.name for file in folder.iterdir()) == ["datapackage.json", "zones.csv"]


def test_refused_input_leaves_the_target_of_an_import_unchanged(tmp_path, folder):
    """What the command line does: load, then save; a refusal comes before the save."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    source = tmp_path / "source"
    source.mkdir()
    (source / "sites.csv").write_text("id,name,area\ns,a,big\n", "utf-8")
    with pytest.raises(InvalidInput):
        Zone.load(source).save(folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
