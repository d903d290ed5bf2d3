"""A zone made of lists: whole, checked, and the same whatever the order of files and rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from intake_builders import CODE, FIRMS, OTHER, PATENTS, inputs_of, write_lists
from jicheng.errors import InvalidInput
from jicheng.intake.inputs import read_inputs
from jicheng.intake.intake import Intake, IntakeOptions, take_in
from jicheng.integrate.resolve import Judgements
from jicheng.io.beside import beside
from jicheng.zone import Zone

OPTIONS = IntakeOptions("示例园区")


def made_of(folder: Path, options: IntakeOptions = OPTIONS, **books: list[list[object]]) -> Intake:
    return take_in(inputs_of(folder, **(books or {"firms": FIRMS, "patents": PATENTS})), options)


def ids(made: Intake) -> dict[str, str]:
    return dict(made.zone["organisations"].select("name", "id").iter_rows())


def test_zone_has_bodies_texts_and_who_they_are_by(tmp_path: Path) -> None:
    zone = made_of(tmp_path).zone
    assert zone.check() == []
    names = dict(zone["organisations"].select("id", "name").iter_rows())
    assert names[f"org:{CODE}"] == "广州澜图光电有限公司"
    people = dict(zone["people"].select("id", "name").iter_rows())
    titles = dict(zone["texts"].select("id", "title").iter_rows())
    parties = {
        (titles[text], (names | people)[party], role)
        for text, party, role in zone["text_parties"].select("text", "party", "role").iter_rows()
    }
    assert ("一种光刻胶树脂", "岭湾大学", "owner") in parties
    assert ("一种光刻胶树脂", "赵一", "author") in parties
    assert ("一种静电卡盘", "广州澜图光电有限公司", "owner") in parties  # by its English name
    assert ("一种茶杯", "孙三", "owner") in parties
    assert "孙三" not in names.values()


def test_members_are_those_of_the_list_and_others_are_told(tmp_path: Path) -> None:
    made = made_of(tmp_path)
    frame = made.zone["organisations"]
    outside = frame.filter(pl.col("zone").is_null())
    assert outside["name"].to_list() == ["岭湾大学"]
    assert outside["kind"].to_list() == ["university"]
    told = [f for f in made.warnings if f.code == "E644"]
    assert len(told) == 1
    assert "岭湾大学" in told[0].message.zh


def test_listed_only_leaves_out_who_only_texts_name(tmp_path: Path) -> None:
    zone = made_of(tmp_path, IntakeOptions("示例园区", only_listed=True)).zone
    assert "岭湾大学" not in zone["organisations"]["name"].to_list()
    assert zone.check() == []


def test_one_name_in_two_bodies_stays_two_people(tmp_path: Path) -> None:
    zone = made_of(tmp_path).zone
    one = zone["people"].filter(pl.col("name") == "赵一")
    assert set(one["organisation"].drop_nulls()) == {
        f"org:{CODE}",
        ids(made_of(tmp_path))["广州昱序真空科技有限公司"],
    }


def test_ids_and_zone_do_not_depend_on_order_or_names_of_files(tmp_path: Path) -> None:
    first = made_of(tmp_path / "a")
    turned = made_of(
        tmp_path / "b",
        z_patents=[PATENTS[0], *PATENTS[:0:-1]],
        a_firms=[*FIRMS[:2], *FIRMS[:1:-1]],
    )
    assert ids(turned) == ids(first)
    for name in ("organisations", "people", "texts", "text_parties"):
        assert turned.zone[name].drop("source").equals(first.zone[name].drop("source")), name


def test_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        made_of(tmp_path / "lists").save(tmp_path / name)
    one, two = (
        {file.name: file.read_bytes() for file in sorted((tmp_path / name).iterdir())}
        for name in ("one", "two")
    )
    assert one == two
    assert Zone.load(tmp_path / "one")["organisations"].height == 4


def test_id_is_the_valid_code_and_else_lasts_by_name(tmp_path: Path) -> None:
    found = ids(made_of(tmp_path / "a"))
    assert found["广州翊帆半导体有限公司"] == f"org:{OTHER}"
    again = ids(made_of(tmp_path / "b", firms=[*FIRMS[:2], FIRMS[4]]))
    assert again["广州昱序真空科技有限公司"] == found["广州昱序真空科技有限公司"]


def test_source_order_decides_which_value_survives(tmp_path: Path) -> None:
    other = [
        ["企业名称", "统一社会信用代码", "企业规模"],
        ["广州澜图光电股份有限公司", CODE, "大型"],
    ]
    for order, name in (("firms", "广州澜图光电有限公司"), ("other", "广州澜图光电股份有限公司")):
        options = IntakeOptions("示例园区", source_order=(f"{order}.xlsx",))
        zone = made_of(tmp_path, options, firms=FIRMS, other=other).zone
        row = zone["organisations"].filter(pl.col("credit_code") == CODE)
        assert (row["name"].item(), row["size"].item()) == (name, "large")
    with pytest.raises(InvalidInput) as refused:
        made_of(tmp_path, IntakeOptions("x", source_order=("税务局",)))
    assert refused.value.code == "E651"


def test_later_list_goes_before_an_earlier_one_whatever_their_names(tmp_path: Path) -> None:
    def firms(year: int, name: str) -> list[list[object]]:
        return [
            [f"企业名录（截至{year}年12月31日）"],
            ["企业名称", "统一社会信用代码"],
            [name, CODE],
        ]

    made = made_of(
        tmp_path, a=firms(2024, "广州澜图光电有限公司"), b=firms(2025, "广州新澜图光电有限公司")
    )
    assert made.zone["organisations"]["name"].to_list() == ["广州新澜图光电有限公司"]


def test_provenance_and_places_are_kept_beside_the_zone(tmp_path: Path) -> None:
    made = made_of(tmp_path / "lists")
    made.save(tmp_path / "zone")
    provenance = pl.read_csv(beside(tmp_path / "zone", "provenance.csv"))
    row = provenance.filter((pl.col("id") == f"org:{CODE}") & (pl.col("attribute") == "region"))
    assert row["value"].item() == "广州"
    records = pl.read_csv(beside(tmp_path / "zone", "records.csv"))
    place = records.filter((pl.col("id") == f"org:{CODE}") & (pl.col("file") == "firms.xlsx"))
    assert place["row"].to_list() == [3]
    assert set(records["record"]) >= set(provenance["record"])


def test_year_comes_from_the_lists_or_must_be_told(tmp_path: Path) -> None:
    assert made_of(tmp_path).zone["zones"]["period"].item() == 2025
    bare = inputs_of(tmp_path / "bare", firms=FIRMS[1:])
    with pytest.raises(InvalidInput) as refused:
        take_in(bare, OPTIONS)
    assert refused.value.code == "E659"
    assert take_in(bare, IntakeOptions("x", year=2026)).zone["zones"]["period"].item() == 2026


def test_lists_without_organisations_are_refused(tmp_path: Path) -> None:
    bare = inputs_of(tmp_path, money=[["资金名称", "资金性质", "金额（万元）"], ["甲", "财政", 5]])
    with pytest.raises(InvalidInput) as refused:
        take_in(bare, IntakeOptions("x", year=2026))
    assert refused.value.code == "E650"


def test_every_unreadable_file_is_told_at_once(tmp_path: Path) -> None:
    paths = write_lists(tmp_path, good=FIRMS, bad=[["只有一句话"]])
    (tmp_path / "c.xlsx").write_bytes(b"x")
    with pytest.raises(InvalidInput) as refused:
        read_inputs([*paths, tmp_path / "c.xlsx", tmp_path / "absent.xlsx"])
    assert [f.code for f in refused.value.faults] == ["E150", "E640", "E170"]


def test_folder_of_lists_is_read_whole(tmp_path: Path) -> None:
    write_lists(tmp_path / "lists", firms=FIRMS, patents=PATENTS)
    (tmp_path / "lists" / "~$firms.xlsx").write_bytes(b"x")
    (tmp_path / "lists" / "readme.md").write_text("x")
    assert [file.name for file in read_inputs([tmp_path / "lists"]).files] == [
        "firms.xlsx", "patents.xlsx"]  # fmt: skip
    (tmp_path / "none").mkdir()
    with pytest.raises(InvalidInput):
        read_inputs([tmp_path / "none"])


def test_folder_of_records_goes_with_lists(tmp_path: Path) -> None:
    from jicheng.io.sources.folder import write_folder
    from jicheng.io.sources.records import Origin, SourceRecords

    said = SourceRecords.of(
        Origin("登记库", licence="CC0-1.0", retrieved="2026-01-02"),
        organisations=[{"id": "o:x", "name": "广州澜图光电有限公司", "credit_code": CODE,
                        "website": "https://example.org"}],
        texts=[{"id": "t:x", "kind": "patent", "title": "一种光刻胶树脂", "body": "短",
                "number": "CN 202310123456.7"}],
        text_parties=[{"text": "t:x", "party": "o:x", "role": "owner"}],
    )  # fmt: skip
    write_folder(said, tmp_path / "records")
    paths = write_lists(tmp_path / "lists", firms=FIRMS, patents=PATENTS)
    zone = take_in(read_inputs([*paths, tmp_path / "records"]), OPTIONS).zone
    assert zone["organisations"].filter(pl.col("credit_code") == CODE).height == 1
    assert zone["texts"].filter(pl.col("title") == "一种光刻胶树脂").height == 1
    assert {source.licence for source in zone.sources} >= {"CC0-1.0"}


def test_judgement_parts_and_is_undone(tmp_path: Path) -> None:
    import datetime as dt

    from jicheng.integrate.resolve import Verdict

    inputs = inputs_of(tmp_path, firms=FIRMS, patents=PATENTS)
    plain = take_in(inputs, OPTIONS)
    pair = plain.records.filter(pl.col("id") == plain.records.filter(
        pl.col("name") == "广州昱序真空科技有限公司")["id"][0])["record"].to_list()  # fmt: skip
    assert len(pair) == 2
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    said = Judgements().say(*pair, Verdict.DIFFERENT, who="张三", at=at, why="两家")
    parted = take_in(inputs, OPTIONS, judgements=said)
    assert parted.zone["organisations"].height == plain.zone["organisations"].height + 1
    undone = take_in(inputs, OPTIONS, judgements=said.undo(1, who="张三", at=at, why="误判"))
    assert undone.zone.content_hash == plain.zone.content_hash


def test_judgement_about_records_that_are_gone_is_kept_and_told(tmp_path: Path) -> None:
    import datetime as dt

    from jicheng.integrate.resolve import Verdict

    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    said = Judgements().say("o:gone", "o:too", Verdict.SAME, who="张三", at=at, why="同一")
    inputs = inputs_of(tmp_path, firms=FIRMS)
    made = take_in(inputs, OPTIONS, judgements=said)
    assert "E647" in {f.code for f in made.warnings}
    assert made.zone.content_hash == take_in(inputs, OPTIONS).zone.content_hash


PROJECTS = [["项目名称", "项目编号", "承担单位", "负责人", "资助机构", "开始日期"]]


@pytest.mark.parametrize(
    ("funder", "kind"),
    [("广州翊帆半导体有限公司", "firm"), ("国家重点研发计划办公室", "agency"),
     ("岭湾科学基金", "agency")],
)  # fmt: skip
def test_who_pays_for_a_project_is_an_agency_only_if_nothing_else_is_known(
    tmp_path: Path, funder: str, kind: str
) -> None:
    row = ["横向课题", "H001", "广州澜图光电有限公司", "", funder, "2023-01-01"]
    made = made_of(tmp_path, firms=FIRMS, projects=[*PROJECTS, row])
    found = made.zone["organisations"].filter(name=funder)
    assert found["kind"].to_list() == [kind]


def test_inventors_of_a_co_patent_are_employed_by_nobody(tmp_path: Path) -> None:
    zone = made_of(tmp_path).zone
    by_name = zone["people"].filter(name="钱二")  # of a patent of a firm and a university
    assert by_name["organisation"].to_list() == [None]


def test_contested_code_is_of_neither_firm(tmp_path: Path) -> None:
    row = ["广州焕城新材料有限公司", CODE, "赵六", "", "广州", ""]
    zone = made_of(tmp_path, firms=[*FIRMS, row]).zone
    codes = dict(zone["organisations"].select("name", "credit_code").iter_rows())
    assert codes["广州澜图光电有限公司"] is codes["广州焕城新材料有限公司"] is None
    assert codes["广州翊帆半导体有限公司"] == OTHER
    assert zone.check() == []


def test_wrong_folders_are_told_with_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "旧名录.xls").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    made_of(tmp_path / "lists", firms=FIRMS).save(tmp_path / "zone")
    with pytest.raises(InvalidInput) as refused:
        read_inputs([tmp_path / "docs", tmp_path / "empty", tmp_path / "zone"])
    assert [found.code for found in refused.value.faults] == ["E664", "E664", "E667"]
    assert "旧名录.xls" in refused.value.faults[0].message.zh


def test_what_a_folder_of_lists_holds_besides_is_told(tmp_path: Path) -> None:
    folder = write_lists(tmp_path, firms=FIRMS)[0].parent
    (folder / "旧名录.xls").write_bytes(b"x")
    (folder / "2024").mkdir()
    (folder / "~$firms.xlsx").write_bytes(b"x")
    told = {found.code: found.message.zh for found in read_inputs([folder]).passed_over}
    assert set(told) == {"E665", "E666"}
    assert "2024、旧名录.xls" in told["E665"]
    assert "firms.xlsx" in told["E666"]


def test_lists_without_rows_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        made_of(tmp_path, firms=FIRMS[:2])
    assert refused.value.code == "E650"
    assert "firms.xlsx" in refused.value.faults[0].message.zh
