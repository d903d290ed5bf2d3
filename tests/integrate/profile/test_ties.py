from __future__ import annotations

import polars as pl

from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.integrate.profile.ties import find_ties, shared_texts
from profile_builders import firm, party, text, text_zone

SETTINGS = ProfileSettings()


def ties(texts: list, parties: list, **tables: object) -> dict[tuple[str, str, str], tuple]:
    found = find_ties(text_zone(texts, parties, **tables), SETTINGS)
    rows = found.table.select("a", "b", "kind", "weight", "period").iter_rows()
    return {(a, b, kind): (weight, period) for a, b, kind, weight, period in rows}


def test_patents_owned_together_tie_their_owners_and_weights_add_up() -> None:
    made = ties(
        [text("t1", "x", period=2020), text("t2", "y", period=2023)],
        [party("t1", "org:b"), party("t1", "org:a"),
         party("t2", "org:a"), party("t2", "org:b"), party("t2", "org:c")],
    )  # fmt: skip
    assert made == {
        ("org:a", "org:b", "co_patent"): (1.5, 2023),
        ("org:a", "org:c", "co_patent"): (0.5, 2023),
        ("org:b", "org:c", "co_patent"): (0.5, 2023),
    }


def test_each_party_gains_one_from_a_text_however_many_they_are() -> None:
    names = [f"org:{k}" for k in range(7)]
    found = find_ties(
        text_zone([text("t", "x", kind="paper")], [party("t", name, "author") for name in names],
                  organisations=[firm(name) for name in [*names, "org:a", "org:c"]]),
        SETTINGS,
    )  # fmt: skip
    both = pl.concat(
        [found.table.select("a", "weight"), found.table.select(a="b", weight="weight")]
    )
    total = both.group_by("a").agg(pl.col("weight").sum().round(2))["weight"]
    assert total.to_list() == [1.0] * 7


def test_owner_and_partner_of_a_project_are_tied_and_funder_is_not() -> None:
    made = ties(
        [text("t", "x", kind="project")],
        [party("t", "org:a"), party("t", "org:b", "partner"), party("t", "org:c", "funder")],
    )
    assert list(made) == [("org:a", "org:b", "project")]


def test_inventors_are_tied_among_themselves_and_not_with_owners() -> None:
    made = ties(
        [text("t", "x")],
        [party("t", "org:a"), party("t", "per:p", "author"), party("t", "per:q", "author")],
        people=[{"id": "per:p", "name": "甲"}, {"id": "per:q", "name": "乙"}],
    )
    assert list(made) == [("per:p", "per:q", "co_patent")]


def test_facility_ties_its_owner() -> None:
    made = ties([text("t", "x")], [party("t", "org:a"), party("t", "fac:f")])
    assert list(made) == [("org:a", "org:c", "co_patent")]


def test_stated_tie_stands_whichever_way_it_is_written() -> None:
    zone = text_zone(
        [text("t", "x")], [party("t", "org:a"), party("t", "org:b")],
        ties=[{"a": "org:b", "b": "org:a", "kind": "co_patent", "weight": 9.0}],
    )  # fmt: skip
    found = find_ties(zone, SETTINGS)
    assert (found.table.height, found.kept) == (0, 1)


def test_crowd_of_parties_ties_nobody_and_is_told() -> None:
    names = [f"org:{k}" for k in range(60)]
    organisations = [firm(name) for name in [*names, "org:a", "org:c"]]
    zone = text_zone([text("t", "x")], [party("t", name) for name in names],
                     organisations=organisations)  # fmt: skip
    found = find_ties(zone, SETTINGS)
    assert found.table.is_empty()
    assert [warning.code for warning in found.warnings] == ["E031"]


def test_partner_of_a_patent_took_part() -> None:
    made = ties([text("t", "x")], [party("t", "org:a"), party("t", "org:b", "partner")])
    assert list(made) == [("org:a", "org:b", "co_patent")]


def test_employer_is_a_party_for_a_search_but_no_tie_on_record() -> None:
    zone = text_zone([text("t", "x")], [party("t", "org:b"), party("t", "per:p", "author")])
    found = shared_texts(zone, most_parties=50, with_employers=True)
    assert found.pairs.select("a", "b", "weight").rows() == [("org:a", "org:b", 1.0)]
    assert find_ties(zone, SETTINGS).table.is_empty()
