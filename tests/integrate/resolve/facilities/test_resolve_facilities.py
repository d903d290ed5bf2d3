from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve import Judgements, Kind, Resolution, Verdict, resolve_facilities
from jicheng.integrate.resolve.facilities.resolving import model_of

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def facilities(*rows: dict[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"id": f"f{k}", "name": "透射电子显微镜", "owner": "o", "source": f"s{k}", **row}
            for k, row in enumerate(rows)
        ],
        infer_schema_length=None,
    )


def found_in(*rows: dict[str, str | None]) -> list[str]:
    return resolve_facilities(facilities(*rows)).members["facility"].to_list()


def asked(found: Resolution) -> list[tuple[str, str, str]]:
    return found.review.select("left", "right", "reason").rows()


@pytest.mark.parametrize(
    ("name", "model"),
    [("JEM-2100F 场发射透射电镜", "jem2100f"), ("光刻机NXT:1980Di", "nxt1980di"),
     ("透射电子显微镜", None), ("3号厂房", None), ("ＴＩＴＡＮ　G3", None), ("X射线衍射仪D8", None),
     ("", None)],
)  # fmt: skip
def test_model_is_read_out_of_a_name(name: str, model: str | None) -> None:
    assert model_of(name) == model


def test_model_in_the_name_and_in_its_column_are_one() -> None:
    assert found_in({"name": "JEM-2100F透射电子显微镜"}, {"model": "JEM 2100F"}) == ["f0", "f0"]


def test_same_serial_of_an_owner_joins_whatever_the_names() -> None:
    serial = {"serial": "2019-0012"}
    assert found_in(serial, {"serial": "20190012", "name": "电镜"}) == ["f0", "f0"]
    assert found_in(serial, {**serial, "owner": "q"}) == ["f0", "f1"]


def test_different_serials_never_join() -> None:
    model = {"model": "JEM-2100F", "kind": "电镜"}
    assert found_in({"serial": "A001", **model}, {"serial": "A002", **model}) == ["f0", "f1"]


def test_name_and_owner_alone_are_possible_only() -> None:
    found = resolve_facilities(facilities({}, {}))
    assert found.kind is Kind.FACILITY
    assert found.members["facility"].to_list() == ["f0", "f1"]
    assert asked(found) == [("f0", "f1", "possible")]


def test_kind_supports_where_no_model_is_said() -> None:
    assert found_in({"kind": "电镜"}, {"kind": "电镜"}) == ["f0", "f0"]
    assert found_in({"kind": "电镜"}, {"kind": "光谱"}) == ["f0", "f1"]


def test_another_owner_or_model_is_another_facility() -> None:
    model = {"model": "JEM-2100F"}
    assert found_in(model, {**model, "owner": "q"}) == ["f0", "f1"]
    assert found_in(model, {"model": "JEM-2100F2"}) == ["f0", "f1"]


def test_mistyped_model_is_asked() -> None:
    found = resolve_facilities(facilities({"model": "JEM-2100F"}, {"model": "JEM-2l00F"}))
    assert asked(found) == [("f0", "f1", "possible")]
    assert "差一个字符" in found.explain("f0", "f1").reason.zh


def test_two_of_a_kind_in_one_list_stay_two_even_through_another_list() -> None:
    twin = {"model": "JEM-2100F", "source": "list"}
    found = resolve_facilities(facilities(twin, twin, {"model": "JEM-2100F"}))
    assert found.members["facility"].to_list() in (["f0", "f1", "f0"], ["f0", "f1", "f1"])
    assert ("f0", "f1", "possible") in asked(found)
    assert "可能是两台" in found.explain("f0", "f1").reason.zh


def test_model_joins_no_two_models_through_a_record_without_one() -> None:
    kind = {"kind": "电镜"}
    found = found_in({"model": "JEM-2100F", **kind}, kind, {"model": "JEM-1400", **kind})
    assert found[0] != found[2]


def test_a_person_joins_twins_and_undoes_it() -> None:
    twin = {"model": "JEM-2100F", "source": "list"}
    plain = resolve_facilities(facilities(twin, twin))
    said = Judgements().say("f0", "f1", Verdict.SAME, who="王", at=NOW, why="同一台重复登记")
    assert plain.judged(said).members["facility"].to_list() == ["f0", "f0"]
    undone = plain.judged(said.undo(1, who="王", at=NOW, why="误判"))
    assert all(a.equals(b) for a, b in zip(tables(undone), tables(plain), strict=True))


def tables(found: Resolution) -> tuple[pl.DataFrame, ...]:
    return (found.members, found.review, *found.entities())


ROW = st.fixed_dictionaries(
    {"name": st.sampled_from(["透射电镜", "透射电子显微镜", "JEM-2100F透射电镜"]),
     "owner": st.sampled_from(["o", "q", None]),
     "model": st.sampled_from([None, "JEM2100F", "B-12"]),
     "kind": st.sampled_from([None, "电镜"]), "serial": st.sampled_from([None, "A001", "A002"]),
     "source": st.sampled_from(["s", "t"])}
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_owners_stay_apart(rows, rng) -> None:
    frame = pl.DataFrame(
        [{"id": f"f{k}", **row} for k, row in enumerate(rows)],
        schema=dict.fromkeys(("id", *rows[0]), pl.String),
    )
    found = resolve_facilities(frame)
    order = list(range(len(rows)))
    rng.shuffle(order)
    for one, other in zip(tables(found), tables(resolve_facilities(frame[order])), strict=True):
        assert one.equals(other)
    together = found.members.join(frame, left_on="record", right_on="id").group_by("facility")
    counts = together.agg(pl.col("owner", "serial").drop_nulls().n_unique())
    assert counts["owner"].max() <= 1
    assert counts["serial"].max() <= 1


def test_hostile_names_take_no_time_and_break_nothing() -> None:
    names = ["a." * 100_000, "x-" * 100_000, "=1+1", "\x00", None, "", " ", "9" * 10_000]
    rows = [{"name": name, "model": name, "owner": None, "kind": name} for name in names]
    found = resolve_facilities(facilities(*rows))
    assert found.members.height == len(names)
    assert found.review.height >= 0
