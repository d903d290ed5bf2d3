"""Each importer on a small recording of ours; see recordings/README.md."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jicheng.errors import InvalidInput
from jicheng.io.sources import import_files, sources
from jicheng.io.sources.openalex import decoded
from jicheng.io.sources.reading import Keep, country_of, day_of, number_of, year_of
from jicheng.io.sources.records import SourceRecords

RECORDINGS = Path(__file__).parent / "recordings"
FILES = {
    "openalex": ["openalex"],
    "ror": ["ror/version-2.json"],
    "gleif": ["gleif/lei2.csv", "gleif/rr.csv"],
    "orcid": ["orcid"],
    "cordis": ["cordis"],
}


def read(source: str, *files: str | Path, **options: Any) -> SourceRecords:
    paths = [RECORDINGS / file for file in files or FILES[source]]
    return import_files(sources()[source], paths, retrieved="2026-11-24", **options)


def row(made: SourceRecords, table: str, name: str) -> dict[str, Any]:
    found = [one for one in made.as_tables()[table].to_dicts() if one["id"] == name]
    assert len(found) == 1
    return {key: value for key, value in found[0].items() if value is not None}


def left_out(made: SourceRecords) -> list[str]:
    return [told.message.en for told in made.warnings if told.code == "E083"]


def codes_of(source: str, *files: Path) -> list[str]:
    with pytest.raises(InvalidInput) as error:
        read(source, *files)
    return [found.code for found in error.value.faults]


@pytest.mark.parametrize("source", FILES)
def test_every_row_says_where_it_comes_from(source: str) -> None:
    made = read(source, query="光刻")
    for frame in made.as_tables().values():
        assert frame["source"].unique().to_list() in ([sources()[source].title], [])
        for name, value in (("licence", sources()[source].licence), ("retrieved", "2026-11-24"),
                            ("query", "光刻")):  # fmt: skip
            assert frame[name].unique().to_list() in ([value], [])
    assert all(len(origin.sha256) in (0, 64) for origin in made.origins)
    assert sum(frame.height for frame in made.as_tables().values()) > 1


@pytest.mark.parametrize("source", FILES)
def test_day_of_retrieval_that_is_not_told_stays_missing(source: str) -> None:
    files = [RECORDINGS / file for file in FILES[source]]
    made = import_files(sources()[source], files)
    assert all(not frame["retrieved"].drop_nulls().len() for frame in made.as_tables().values())


def test_openalex_work_becomes_a_text_with_its_abstract() -> None:
    found = row(read("openalex"), "texts", "openalex:W1001")
    assert found["title"] == "Dry etching of HfO2 for KrF masks"
    assert found["body"] == "We etch hafnium oxide. Clean hafnium"
    assert (found["kind"], found["number"], found["period"], found["as_of"]) == (
        "paper", "10.99999/made.1001", "2024", "2026-11-01",
    )  # fmt: skip


def test_openalex_work_without_abstract_has_no_body() -> None:
    assert "body" not in row(read("openalex"), "texts", "openalex:W1002")


def test_openalex_says_who_wrote_and_who_paid() -> None:
    parties = read("openalex").text_parties
    said = set(parties.filter(text="openalex:W1001").select("party", "role").rows())
    assert said == {
        ("openalex:A5001", "author"), ("openalex:A5002", "author"), ("openalex:I9001", "author"),
        ("openalex:I9003", "author"), ("openalex:F7001", "funder"),
    }  # fmt: skip


def test_openalex_author_is_where_the_newest_work_alone_says() -> None:
    made = read("openalex", "openalex/works.json")
    assert "organisation" not in row(made, "people", "openalex:A5001")  # two places in 2025
    assert row(made, "people", "openalex:A5002")["organisation"] == "openalex:I9003"


def test_openalex_record_of_the_author_goes_before_works() -> None:
    for order in (["authors.jsonl", "works.json"], ["works.json", "authors.jsonl"]):
        made = read("openalex", *(f"openalex/{name}" for name in order))
        found = row(made, "people", "openalex:A5001")
        assert found["organisation"] == "openalex:I9001"
        assert found["aliases"] == "Qing Li;李青"


def test_openalex_institution_has_both_languages_and_its_ror() -> None:
    found = row(read("openalex"), "organisations", "openalex:I9001")
    assert (found["name"], found["name_en"]) == ("云海大学", "Yunhai University")
    assert (found["kind"], found["country"], found["region"]) == ("university", "CHN", "Yunhai")
    assert found["ror"] == "https://ror.org/0zz0q0074"


def test_openalex_leaves_retracted_and_untitled_works_out_and_says_so() -> None:
    made = read("openalex")
    assert made.texts["id"].to_list() == ["openalex:W1001", "openalex:W1002", "openalex:W1004"]
    assert [text for text in left_out(made) if "W1003" in text and "retracted" in text]
    assert [text for text in left_out(made) if "W1005" in text]


def test_openalex_of_one_country_keeps_partners_abroad() -> None:
    made = read("openalex", "openalex/works.json", keep=Keep(frozenset({"CHN"})))
    assert made.texts["id"].to_list() == ["openalex:W1001", "openalex:W1002"]
    assert "openalex:I9003" in made.organisations["id"]
    assert made.texts["query"].unique().to_list() == ["country=CHN"]


@pytest.mark.parametrize(
    ("index", "text"),
    [
        ({"b": [1], "a": [0]}, "a b"),
        ({"a": [0], "b": [10**12]}, "a b"),
        ({"a": "0", "b": [None, -1, True]}, None),
        ([], None),
        ({}, None),
    ],
)
def test_inverted_index_is_decoded_and_never_trusted(index: object, text: str | None) -> None:
    assert decoded(index) == text


@pytest.mark.parametrize("version", ["1", "2"])
def test_ror_of_both_schemas_gives_the_same_names(version: str) -> None:
    found = row(read("ror", f"ror/version-{version}.json"), "organisations", "ror:0zz0q0074")
    assert (found["name"], found["name_en"]) == ("云海大学", "Yunhai University")
    assert (found["kind"], found["country"], found["founded"]) == ("university", "CHN", "1958")
    assert found["aliases"] == "YHU"


def test_ror_of_no_foundation_and_two_types_stays_open() -> None:
    found = row(read("ror"), "organisations", "ror:0zz0q0268")
    assert "founded" not in found
    assert found["kind"] == "institute"  # government says none of our kinds


def test_ror_leaves_withdrawn_and_wrong_ids_out() -> None:
    made = read("ror")
    assert made.organisations.height == 2
    assert len(left_out(made)) == 2


def test_gleif_names_in_both_languages_and_a_valid_credit_code() -> None:
    found = row(read("gleif"), "organisations", "gleif:000000MADEUP00000105")
    assert found["name"] == "深圳市清河光电有限公司"
    assert found["name_en"] == "Qinghe Photonics Co., Ltd."
    assert found["aliases"] == "Shenzhen Shi Qinghe Guangdian Youxian Gongsi"
    assert (found["credit_code"], found["founded"]) == ("914403009900000007", "2009-04-01")


def test_gleif_number_of_another_country_is_no_credit_code() -> None:
    made = read("gleif", "gleif/interface.json")
    assert "credit_code" not in row(made, "organisations", "gleif:000000MADEUP00000493")
    assert row(made, "organisations", "gleif:000000MADEUP00000105")["credit_code"]


def test_gleif_interface_says_what_the_golden_copy_says() -> None:
    name = "gleif:000000MADEUP00000105"
    page = row(read("gleif", "gleif/interface.json"), "organisations", name)
    copy = row(read("gleif"), "organisations", name)
    assert {k: v for k, v in copy.items() if k != "aliases"} == page


def test_gleif_owner_comes_first_in_a_tie() -> None:
    ties = read("gleif").ties.select("a", "b", "kind").rows()
    assert ties == [("gleif:000000MADEUP00000202", "gleif:000000MADEUP00000105", "ownership")]


def test_gleif_relation_of_the_interface_is_a_tie() -> None:
    made = read("gleif", "gleif/interface.json", "gleif/relation.json")
    assert made.ties["a"].to_list() == ["gleif:000000MADEUP00000493"]


def test_gleif_tie_to_what_was_not_taken_is_left_out() -> None:
    assert any("was not taken" in text for text in left_out(read("gleif")))


def test_gleif_leaves_ended_entities_and_wrong_codes_out() -> None:
    made = read("gleif")
    assert made.organisations.height == 2
    assert any("ended" in text for text in left_out(made))
    assert any("WRONG" in text for text in left_out(made))


def test_orcid_person_with_one_employment_without_end() -> None:
    made = read("orcid", "orcid/record.json")
    found = row(made, "people", "orcid:0000-0000-0000-1012")
    assert (found["name"], found["name_en"]) == ("李青", "Qing Li")
    assert found["as_of"] == "2026-09-21"
    employer = row(made, "organisations", found["organisation"])
    assert employer["ror"] == "https://ror.org/0zz0q0074"
    assert made.organisations.height == 1  # the employment that ended is not taken


def test_orcid_person_with_two_employments_is_nowhere_alone() -> None:
    found = row(read("orcid"), "people", "orcid:0000-0000-0000-1020")
    assert "organisation" not in found


def test_orcid_works_are_texts_of_their_author() -> None:
    made = read("orcid", "orcid/record.json")
    assert sorted(made.texts.select("title", "kind").rows()) == [
        ("A way to etch", "patent"), ("Dry etching of HfO2", "paper"),
    ]  # fmt: skip
    assert made.text_parties["role"].to_list() == ["author", "author"]


def test_orcid_takes_no_address_of_mail() -> None:
    made = read("orcid")
    assert not any("not.taken" in frame.write_csv() for frame in made.as_tables().values())


def test_orcid_search_gives_names_without_a_guess_where_they_work() -> None:
    made = read("orcid", "orcid/search.json")
    assert "organisation" not in row(made, "people", "orcid:0000-0000-0000-1012")
    assert len(left_out(made)) == 1  # nobody may see the other name


def test_cordis_project_with_coordinator_and_partners() -> None:
    made = read("cordis")
    found = row(made, "texts", "cordis:109000001")
    assert (found["title"], found["body"]) == ("Made-up optics; for masks",
                                               "We make light; and masks.")  # fmt: skip
    roles = dict(made.text_parties.filter(text="cordis:109000001").select("party", "role").rows())
    assert roles == {"cordis:org:990000001": "owner", "cordis:org:990000002": "partner"}


def test_cordis_participant_of_two_projects_is_one_record_the_newest() -> None:
    found = row(read("cordis"), "organisations", "cordis:org:990000001")
    assert (found["region"], found["as_of"]) == ("Kiel", "2026-05-05")


def test_cordis_codes_of_countries_are_the_union_s() -> None:
    assert row(read("cordis"), "organisations", "cordis:org:990000003")["country"] == "GRC"


def test_cordis_says_what_it_left_out() -> None:
    text = " ".join(left_out(read("cordis")))
    assert "as many cells" in text
    assert "109000003" in text
    assert "109000099" in text


def test_cordis_of_one_country_keeps_its_projects() -> None:
    made = read("cordis", keep=Keep(frozenset({"CHN"})))
    assert made.texts["id"].to_list() == ["cordis:109000001"]
    assert made.organisations["id"].to_list() == ["cordis:org:990000002"]


def test_zip_and_gzip_give_what_the_files_give(tmp_path: Path) -> None:
    archive = tmp_path / "cordis.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for file in (RECORDINGS / "cordis").iterdir():
            made.write(file, f"csv/{file.name}")
    assert read("cordis", archive).texts.equals(read("cordis").texts)
    packed = tmp_path / "works.json.gz"
    packed.write_bytes(gzip.compress((RECORDINGS / "openalex/works.json").read_bytes()))
    assert read("openalex", packed).texts.equals(read("openalex").texts)


def test_unknown_fields_stay_out(tmp_path: Path) -> None:
    document = json.loads((RECORDINGS / "openalex/works.json").read_text("utf-8"))
    for work in document["results"]:
        work["surprise"] = {"title": "never shown"}
    file = tmp_path / "works.json"
    file.write_text(json.dumps(document), "utf-8")
    assert read("openalex", file).texts.equals(read("openalex", "openalex/works.json").texts)


@pytest.mark.parametrize("source", ["openalex", "ror", "gleif", "orcid"])
@pytest.mark.parametrize("text", ['{"a": 1', "[1]", "[{}", "no json", '{"a": NaN}', "[{}] x"])
def test_broken_json_is_refused_whole(source: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text(text, "utf-8")
    assert codes_of(source, file) == ["E081"]


@pytest.mark.parametrize("source", FILES)
def test_file_of_another_kind_is_refused(source: str, tmp_path: Path) -> None:
    file = tmp_path / "letter.docx"
    file.write_text("Dear all", "utf-8")
    assert codes_of(source, file) == ["E080"]


@pytest.mark.parametrize("source", FILES)
def test_absent_file_is_refused(source: str, tmp_path: Path) -> None:
    assert codes_of(source, tmp_path / "nothing.json") == ["E150"]


@pytest.mark.parametrize("source", ["openalex", "ror", "gleif", "orcid"])
@pytest.mark.parametrize(
    "item",
    [
        {},
        {"id": None},
        {"id": ["x"], "names": 3},
        {"id": "https://openalex.org/W1", "title": {"a": 1}, "authorships": 5},
        {"id": "https://openalex.org/W1", "title": "T", "authorships": [None, {"author": []}]},
        {"id": "https://openalex.org/W1", "title": "T", "publication_year": -(10**30)},
        {"id": "https://ror.org/0zz0q0074", "names": [{"value": 7, "types": None}]},
        {"attributes": {"lei": 5, "entity": {"legalName": []}}},
        {"orcid-identifier": {"path": "0000-0000-0000-1012"}, "person": {"name": []}},
        {"orcid-id": "0000-0000-0000-1012", "given-names": "\ud800", "other-name": [{}]},
    ],
)
def test_json_of_any_shape_is_left_out_or_read_but_never_fails(
    source: str, item: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "strange.json"
    file.write_text(json.dumps(item), "utf-8")
    made = read(source, file)
    assert made.organisations.height == 0


@pytest.mark.parametrize(
    ("given", "day"),
    [("2026-11-24T01:00:00Z", "2026-11-24"), ("2026-02-30", None), ("2026-11-241", None),
     (20261124, None), (None, None)],
)  # fmt: skip
def test_day_is_one_or_missing(given: object, day: str | None) -> None:
    assert day_of(given) == day


@pytest.mark.parametrize(
    ("given", "year"), [(1958, "1958"), ("2024-05", "2024"), (19580, None), (0, None), (True, None)]
)
def test_year_is_one_or_missing(given: object, year: str | None) -> None:
    assert year_of(given) == year


@pytest.mark.parametrize(
    ("given", "number"), [("1.5", "1.5"), (3, "3.0"), ("inf", None), ("", None), (True, None)]
)
def test_number_is_finite_or_missing(given: object, number: str | None) -> None:
    assert number_of(given) == number


@pytest.mark.parametrize(
    ("given", "code"),
    [("CN", "CHN"), ("UK", "GBR"), ("EL", "GRC"), ("chn", "CHN"), ("XX", None), (5, None)],
)
def test_country_is_one_or_missing(given: object, code: str | None) -> None:
    assert country_of(given) == code


def test_gleif_of_one_country(tmp_path: Path) -> None:
    made = read("gleif", keep=Keep(frozenset({"HKG"})))
    assert made.organisations["id"].to_list() == ["gleif:000000MADEUP00000202"]
    assert made.ties.height == 0  # its other end was not taken


def test_openalex_snapshot_is_read_beside_its_licence(tmp_path: Path) -> None:
    document = json.loads((RECORDINGS / "openalex/works.json").read_text("utf-8"))
    folder = tmp_path / "data" / "works" / "updated_date=2026-11-01"
    folder.mkdir(parents=True)
    lines = "\n".join(json.dumps(work) for work in document["results"])
    (folder / "part_000.gz").write_bytes(gzip.compress(lines.encode()))
    (folder.parent / "manifest").write_text("no list of works")
    (tmp_path / "data" / "LICENSE").write_text("CC0")
    assert read("openalex", tmp_path / "data").texts.height == 3
