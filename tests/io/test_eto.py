"""The chip supply chain in both layouts; the small files are made up here."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.chain import Chain
from jicheng.errors import InvalidInput
from jicheng.io import eto
from jicheng.supply import Supply
from jicheng.zone import Zone

NEWER = {
    "inputs": """input_id,input_name,type,stage_name,stage_id,description,year
N1,Etching,process,Making,S2,"Makes
grooves.",2025
N2,Etcher,tool_resource,,,An etcher.,2025
N3,Dry etcher,tool_resource,,,A dry one.,2025
N4,Mask,material_resource,,,A mask.,
N5,Layout software,tool_resource,,,Draws.,2019
N6,Layout,design_resource,,,A drawing.,2022
N9,Finished thing,ultimate_output,,,The end.,
""",
    "providers": """provider_name,alias,provider_id,provider_type,country
JPN,Japan,P1,country,
USA,United States,P2,country,
Various countries,,P3,country,
EUR,Europe,P4,country,EUR
Etchco,,P5,organization,JPN
Etchco,Etch Company,P5,organization,JPN
Maskit,,P6,organization,NLD
Various companies,,P7,organization,Various countries
""",
    "provision": """provider_name,provider_id,provided_name,provided_id,share_provided,year,source
JPN,P1,Etcher,N2,70.5,2025,"Someone, counted"
USA,P2,Etcher,N2,20.0,2025,
Various countries,P3,Etcher,N2,9.6,2025,
Etchco,P5,Etcher,N2,60,2025,
Various companies,P7,Etcher,N2,40,2025,
Maskit,P6,Mask,N4,,2019,
EUR,P4,Mask,N4,0.0,2019,
JPN,P1,Making,S2,50,2022,
""",
    "sequence": """input_name,input_id,goes_into_name,goes_into_id,is_type_of_name,is_type_of_id
Dry etcher,N3,Etching,N1,Etcher,N2
Etcher,N2,Etching,N1,,
Mask,N4,Etching,N1,,
Mask,N4,Etching,N1,,
Layout software,N5,Layout,N6,,
Layout,N6,Finished thing,N9,,
Etching,N1,Finished thing,N9,,
""",
    "stages": """stage_id,stage_name,description
S2,Making,All of it.
""",
}
OLDER = {
    "inputs": "\ufeff" + NEWER["inputs"].replace(",year\n", "\n").replace(",2025\n", "\n")
    .replace(",2019\n", "\n").replace(",2022\n", "\n").replace(".,\n", ".\n"),
    "providers": """provider_name,provider_id,provider_type,country
JPN,P1,country,
MAL,P2,country,
Various,P3,country,
Etchco,P5,organization,JPN
Maskit,P6,organization,NLD
""",
    "provision": """provider_name,provider_id,provided_name,provided_id,share_provided,"""
    """negligible_market_share
JPN,P1,Etcher,N2,70%,
MAL,P2,Etcher,N2,20%,
Various,P3,Etcher,N2,9%,
Etchco,P5,Etcher,N2,,
Maskit,P6,Etcher,N2,,negligible
Maskit,P6,Mask,N4,,
Maskit,P6,Mask,N4,,
Etchco,P5,Making,S2,,
""",
    "sequence": NEWER["sequence"],
    "stages": "\ufeff" + NEWER["stages"],
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(files, **changes):
        for name, text in (files | changes).items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def codes(faults):
    return [f.code for f in faults]


def supply(zone, technology, system):
    rows = zone["supply"].filter(
        (pl.col("technology") == technology) & (pl.col("system") == system)
    )
    return {row["supplier"]: row for row in rows.iter_rows(named=True)}


def told(zone, code):
    (found,) = [f for f in zone.warnings if f.code == code]
    return found


def test_both_layouts_are_recognised_and_nothing_else(write, tmp_path):
    assert eto.recognises(write(NEWER))
    (tmp_path / "stages.csv").unlink()
    assert not eto.recognises(tmp_path)
    assert not eto.recognises(tmp_path / "absent")


def test_newer_layout_keeps_shares_years_and_sources(write):
    zone = Zone.load(write(NEWER))
    rows = supply(zone, "N2", "country")
    assert {name: row["share"] for name, row in rows.items()} == {
        "JPN": 0.705, "USA": 0.2, "various": 0.096}  # fmt: skip
    assert rows["JPN"]["period"] == 2025
    assert rows["JPN"]["source"] == "Someone, counted"
    assert zone["zones"].row(0, named=True)["period"] == 2025
    assert zone["zones"]["home"].to_list() == ["CHN"]
    assert zone.sources[0].licence == "CC BY-NC 4.0"


def test_older_layout_stays_undated_and_its_assumption_is_told(write):
    zone = Zone.load(write(OLDER))
    assert zone["supply"]["period"].null_count() == zone["supply"].height
    assert zone["zones"]["period"].to_list() == [2025]
    assert "2025" in told(zone, "E197").message.zh
    given = eto.read(write(OLDER), period=2024, home="日本")
    assert given["zones"].select("period", "home").row(0) == (2024, "JPN")
    assert "E197" not in codes(given.warnings)


def test_percent_sign_code_of_malaysia_and_byte_order_mark(write):
    rows = supply(Zone.load(write(OLDER)), "N2", "country")
    assert {name: row["share"] for name, row in rows.items()} == {
        "JPN": 0.7, "MYS": 0.2, "various": 0.09}  # fmt: skip


def test_blank_share_is_unknown_and_negligible_is_below_one_percent(write):
    zone = Zone.load(write(OLDER))
    rows = supply(zone, "N2", "firm")
    assert (rows["P5"]["share"], rows["P5"]["share_high"]) == (None, None)
    assert (rows["P6"]["share"], rows["P6"]["share_high"]) == (None, 0.01)
    assert told(zone, "E198").message.en.startswith("1 supply rows")


def test_zero_is_what_rounding_left(write):
    row = supply(Zone.load(write(NEWER)), "N4", "country")["EUR"]
    assert (row["share"], row["share_high"]) == (0.0, 0.0005)


def test_countries_and_firms_are_two_systems(write):
    zone = Zone.load(write(NEWER))
    assert supply(zone, "N2", "firm")["P5"]["country"] == "JPN"
    world = Supply.of(zone, "CHN").world
    assert world.system[Chain.of(zone).index["N2"]] == "country"


def test_aggregates_are_nobody_and_no_organisation(write):
    zone = Zone.load(write(NEWER))
    nobody = zone["supply"].filter(pl.col("country").is_null())
    assert nobody["supplier"].to_list() == ["various", "various", "EUR"]
    assert zone["organisations"]["id"].to_list() == ["P5", "P6"]
    assert "EUR, various" in told(zone, "E196").message.zh
    world = Supply.of(zone, "CHN").world
    assert set(Supply.of(zone, "CHN").countries) == {"CHN", "JPN", "NLD", "USA"}
    assert world.atomistic[Chain.of(zone).index["N2"]] == pytest.approx(0.096 / 1.001)


def test_shares_of_stages_are_left_out(write):
    zone = Zone.load(write(NEWER))
    assert "S2" not in zone["supply"]["technology"].to_list()
    assert "S2" not in zone["technologies"]["id"].to_list()
    assert told(zone, "E192").message.en.startswith("1 share rows")


def test_inputs_and_categories_are_apart_also_in_one_row(write):
    links = Zone.load(write(NEWER))["links"].select("source", "target", "relation").rows()
    assert ("N3", "N1", "input") in links
    assert ("N3", "N2", "category") in links
    assert len(links) == 7


def test_repeated_rows_are_merged_with_a_warning(write):
    zone = Zone.load(write(NEWER))
    merged = [f.message.en for f in zone.warnings if f.code == "E193"]
    assert merged == [
        "1 repeated rows of links were merged (N4 → N1)",
        "1 repeated rows of providers were merged (Etchco)",
    ]
    older = Zone.load(write(OLDER))
    assert "N4, P6" in [f.message.en for f in older.warnings if f.code == "E193"][-1]
    assert older["supply"].filter(pl.col("technology") == "N4").height == 1


def test_kinds_stages_and_final_product(write):
    rows = {row["id"]: row for row in Zone.load(write(NEWER))["technologies"].iter_rows(named=True)}
    assert {name: row["kind"] for name, row in rows.items()} == {
        "N1": "process", "N2": "equipment", "N3": "equipment", "N4": "material",
        "N5": "software", "N6": "design", "N9": "product"}  # fmt: skip
    assert rows["N3"]["stage"] == rows["N4"]["stage"] == "Making"
    assert rows["N5"]["stage"] is None
    assert {name: row["final_value"] for name, row in rows.items() if row["final_value"]} == {
        "N9": 1.0}  # fmt: skip
    assert rows["N1"]["description"] == "Makes\ngrooves."
    assert rows["N1"]["name"] == rows["N1"]["name_en"] == "Etching"


def test_order_of_rows_changes_nothing(write):
    one = Zone.load(write(NEWER)).content_hash
    turned = {}
    for name, text in NEWER.items():
        if name == "inputs":
            continue
        head, *rows = text.splitlines()
        turned[name] = "\n".join([head, *reversed(rows)]) + "\n"
    assert Zone.load(write(NEWER, **turned)).content_hash == one


def test_sum_that_rounding_explains_is_scaled_and_one_that_it_does_not_is_unknown(write):
    rows = "".join(f"JPN,P{k},Etcher,N2,{share}%,\n" for k, share in enumerate((70, 20, 15), 1))
    head = OLDER["provision"].splitlines()[0] + "\n"
    zone = Zone.load(write(OLDER, provision=head + rows))
    assert all(row["share"] is None for row in supply(zone, "N2", "country").values())
    assert "105.0%" in told(zone, "E195").message.en
    codes_of = ["JPN", "USA", "DEU", "FRA", "GBR", "NLD", "KOR", "TWN", "CHN", "ITA"]
    providers = "provider_name,provider_id,provider_type,country\n" + "".join(
        f"{code},P{k},country,\n" for k, code in enumerate(codes_of)
    )
    rows = "".join(f",P{k},,N2,{95 if k == 0 else 1}%,\n" for k in range(len(codes_of)))
    zone = Zone.load(write(OLDER, providers=providers, provision=head + rows))
    assert supply(zone, "N2", "country")["JPN"]["share"] == pytest.approx(95 / 104)
    assert "104.0%" in told(zone, "E194").message.en


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sequence": NEWER["sequence"].replace("N6,Fin", "N7,Fin")}, ("E121", "sequence.csv", 7)),
        ({"provision": NEWER["provision"].replace("N4,,", "N8,,")}, ("E121", "provision.csv", 7)),
        ({"provision": NEWER["provision"].replace("P6", "P66")}, ("E121", "provision.csv", 7)),
        ({"provision": NEWER["provision"].replace("70.5", "705")}, ("E111", "provision.csv", 2)),
        ({"provision": NEWER["provision"].replace("70.5", "most")}, ("E102", "provision.csv", 2)),
        ({"provision": NEWER["provision"].replace("2019,", "old,", 1)},
         ("E102", "provision.csv", 7)),
        ({"providers": NEWER["providers"].replace("Etch Company,P5,organization,JPN",
                                                  "Etch Company,P5,organization,USA")},
         ("E123", "providers.csv", 7)),
        ({"provision": NEWER["provision"] + "JPN,P1,Etcher,N2,60,2025,\n"},
         ("E123", "provision.csv", 10)),
        ({"sequence": NEWER["sequence"] + "Etching,N1,,,Mask,N4\n"},
         ("E120", "sequence.csv", None)),
        ({"stages": "stage_name\nMaking\n"}, ("E190", "stages.csv", None)),
        ({"inputs": NEWER["inputs"].replace("An etcher.", "=cmd")}, ("E106", "inputs.csv", 4)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_file_and_line(write, changes, expected):
    with pytest.raises(InvalidInput) as caught:
        Zone.load(write(NEWER, **changes))
    places = [(f.code, f.where.sheet, f.where.row) for f in caught.value.faults]
    code, sheet, row = expected
    assert any(p[:2] == (code, sheet) and row in (None, p[2]) for p in places), places


def test_absent_files_are_all_named(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        eto.read(tmp_path)
    assert codes(caught.value.faults) == ["E190"] * 5


def test_type_that_is_not_known_stays_empty_with_a_warning(write):
    zone = Zone.load(write(NEWER, inputs=NEWER["inputs"].replace("material_resource", "magic")))
    assert told(zone, "E104").where.row == 6
    assert zone["technologies"].filter(pl.col("id") == "N4")["kind"].to_list() == [None]


def test_zone_survives_a_data_package(write, tmp_path):
    zone = Zone.load(write(NEWER))
    zone.save(tmp_path / "package")
    again = Zone.load(tmp_path / "package")
    assert again.content_hash == zone.content_hash
    assert again.warnings == zone.warnings


# The real files, where they lie beside the checkout


@pytest.mark.shared
def test_real_newer_release_has_the_counts_of_its_readme(shared):
    zone = Zone.load(shared / "eto")
    links = zone["links"]["relation"].value_counts()
    assert dict(links.iter_rows()) == {"input": 53, "category": 86}
    assert zone["technologies"].height == 126
    assert zone["organisations"].height == 372
    assert zone["supply"].height == 1300 - 21
    assert not [f for f in zone.check() if not f.is_warning]
    assert {f.code for f in zone.warnings} == {"E191", "E192", "E193", "E196", "E199"}
    finals = zone["technologies"].filter(pl.col("final_value") > 0)["name"].to_list()
    assert finals == ["Finished logic chip"]
    assert zone["zones"]["period"].to_list() == [2025]
    assert Chain.of(zone).technologies


@pytest.mark.shared
def test_real_older_release_has_the_counts_of_its_readme(shared):
    zone = Zone.load(shared / "eto_2025")
    assert dict(zone["links"]["relation"].value_counts().iter_rows()) == {
        "input": 62, "category": 31}  # fmt: skip
    assert zone["technologies"].height == 79
    assert zone["organisations"].height == 274
    assert zone["supply"].height == 660 - 46
    scaled = sorted(f.message.en[:14] for f in zone.warnings if f.code == "E194")
    assert scaled == ["Shares of N71 ", "Shares of N73 "]
    assert "MYS" in zone["supply"]["country"].to_list()
    assert zone["supply"]["period"].null_count() == zone["supply"].height


@pytest.mark.shared
def test_real_releases_agree_on_the_ids_they_share(shared):
    newer, older = Zone.load(shared / "eto"), Zone.load(shared / "eto_2025")
    gone = set(older["technologies"]["id"]) - set(newer["technologies"]["id"])
    assert len(gone) == 1
