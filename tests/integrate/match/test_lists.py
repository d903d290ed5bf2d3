"""Lists made of scores: varied ones, capped ones, and challenges for an organisation."""

from __future__ import annotations

from typing import Any

import pytest

from jicheng.errors import InvalidInput
from jicheng.integrate.match.batch import match_all
from jicheng.integrate.match.gaps import openings
from jicheng.integrate.match.query import query_of_challenge
from jicheng.integrate.match.result import match
from jicheng.zone import Zone
from match_builders import firm, held, match_zone, matcher_of


def three_challenges() -> Zone:
    """Make a zone in which three firms are good at the same and would head every list."""
    return match_zone(
        organisations=[firm(f"org:good{i}") for i in range(3)],
        holdings=[held(f"org:good{i}", "cap:resist", 0.9 - i / 10) for i in range(3)],
        challenges=[
            {"id": f"chal:x{i}", "technology": "tech:resist", "name": "树脂"} for i in range(2)
        ],
    )


def chosen(zone: Zone, cap: int, n: int = 2) -> dict[str, list[str]]:
    queries = [query_of_challenge(zone, name) for name in zone["challenges"]["id"]]
    table = match_all(matcher_of(zone), queries, n=n, cap=cap).table
    return {
        str(query): rows["candidate"].to_list()
        for (query,), rows in table.partition_by("query", as_dict=True).items()
    }


@pytest.mark.parametrize("cap", [1, 2])
def test_nobody_is_proposed_for_more_challenges_than_the_cap(cap: int) -> None:
    lists = chosen(three_challenges(), cap)
    everybody = [name for names in lists.values() for name in names]
    assert max(map(everybody.count, everybody)) == cap
    assert all(len(names) <= 2 for names in lists.values())


def test_without_a_cap_the_same_head_every_list() -> None:
    lists = chosen(three_challenges(), 0)
    assert len({tuple(names) for names in lists.values()}) == 1


def test_whom_the_cap_moved_is_told() -> None:
    zone = three_challenges()
    queries = [query_of_challenge(zone, name) for name in zone["challenges"]["id"]]
    batch = match_all(matcher_of(zone), queries, n=2, cap=1)
    moved = {*batch.capped.select("query", "candidate").iter_rows()}
    free = chosen(zone, 0)
    kept = {(query, name) for query, names in chosen(zone, 1).items() for name in names}
    assert moved == {(q, name) for q, names in free.items() for name in names} - kept
    with pytest.raises(InvalidInput) as error:
        match_all(matcher_of(zone), queries, cap=-1)
    assert error.value.code == "E061"


def test_a_varied_list_takes_who_holds_the_other_need_before_a_double() -> None:
    zone = match_zone(
        organisations=[firm(f"org:{name}") for name in ("best", "double", "other")],
        holdings=[
            held("org:best", "cap:resist", 0.9),
            held("org:double", "cap:resist", 0.9),
            held("org:other", "cap:clean", 0.9),
        ],
    )
    matcher = matcher_of(zone, weights={"texts": 0.0})
    query = query_of_challenge(zone, "chal:resist").with_constraints(
        excluded=tuple(f"org:other{i}" for i in range(8))
    )
    plain = match(matcher, query, n=2)
    varied = match(matcher, query, n=2, diversity=0.5)
    assert set(plain.table["candidate"]) == {"org:best", "org:double"}
    assert "org:other" in varied.table["candidate"]
    gone = ({"org:best", "org:double"} - {*varied.table["candidate"]}).pop()
    assert varied.why(gone).status == "varied"
    assert plain.why("org:other").status == "below"


def opening(teams: dict[str, list[str]] | None = None, **more: Any) -> Any:
    zone = match_zone(
        organisations=[firm("org:me"), firm("org:rival"), firm("org:far", zone=None, country="DEU"),
                       firm("org:near", zone=None),
                       firm("org:somewhere", zone=None, country=None)],
        **more,
    )  # fmt: skip
    return openings(matcher_of(zone), "org:me", teams=teams).openings[0]


@pytest.mark.parametrize(
    ("rivals", "state"),
    [
        ([], "nobody"),
        (["org:far"], "abroad"),
        (["org:near", "org:far"], "outside"),
        (["org:somewhere"], "elsewhere"),
        (["org:somewhere", "org:far"], "elsewhere"),
        (["org:somewhere", "org:near"], "outside"),
        (["org:rival", "org:far"], "one"),
        (["org:rival", "org:other1"], "several"),
    ],
)
def test_the_gap_is_who_else_reaches_the_level(rivals: list[str], state: str) -> None:
    holdings = [held(name, "cap:resist", 0.9) for name in ("org:me", *rivals)]
    found = opening(holdings=holdings)
    states = {row["capability"]: row["state"] for row in found.needs}
    assert states["cap:resist"] == state
    assert states["cap:clean"] == "nobody"
    fills = {row["capability"] for row in found.fills()}
    assert fills == (set() if state == "several" else {"cap:resist"})


def test_of_a_planned_team_the_gap_is_what_it_does_not_cover() -> None:
    holdings = [held("org:me", "cap:clean", 0.9), held("org:rival", "cap:resist", 0.9)]
    found = opening({"chal:resist": ["org:rival"]}, holdings=holdings)
    assert {row["capability"]: row["state"] for row in found.needs} == {
        "cap:resist": "covered",
        "cap:clean": "uncovered",
    }
    assert found.parts["gap"] == (0.25, 0.25)


def test_an_unknown_level_opens_the_gap_between_two_ends() -> None:
    found = opening(holdings=[held("org:me", "cap:resist")])
    assert found.parts["gap"] == (0.0, 0.75)
    assert found.low < found.high


def test_a_challenge_of_which_nothing_is_known_comes_after_one_with_a_gap_to_fill() -> None:
    zone = match_zone(
        organisations=[firm("org:me")],
        technologies=[{"id": "tech:void", "name": "某项"}],
        challenges=[{"id": "chal:a-void", "technology": "tech:void", "name": "某项攻坚"}],
        holdings=[held("org:me", "cap:clean", 0.9)],
    )
    first, last = openings(matcher_of(zone), "org:me").openings
    assert (first.query.id, last.query.id) == ("chal:resist", "chal:a-void")
    assert last.parts == {"gap": None, "coverage": None, "texts": None}
    assert last.mid == pytest.approx(first.mid)  # of the only other it takes the average
    assert (last.low, last.high) == (0.0, 100.0)


def test_what_is_known_of_no_challenge_adds_no_points() -> None:
    zone = match_zone(
        organisations=[firm("org:me")],
        texts=[{"id": "txt:mine", "kind": "product", "title": "光刻胶树脂", "period": 2024}],
        text_parties=[{"text": "txt:mine", "party": "org:me", "role": "owner"}],
    )
    found = openings(matcher_of(zone), "org:me").openings[0]
    assert found.parts["gap"] is None
    likeness = found.parts["texts"]
    assert likeness is not None
    assert found.low == found.mid == found.high == pytest.approx(100.0 * likeness[0])


def test_who_puts_the_challenge_out_is_barred_and_told_so() -> None:
    zone = match_zone(holdings=[held("org:owner", "cap:resist", 0.9)])
    told = openings(matcher_of(zone), "org:owner")
    assert told.openings[0].barred
    assert told.table["barred_zh"][0]


def test_a_zone_without_challenges_says_so() -> None:
    zone = match_zone()
    zone = zone.with_tables(challenges=zone["challenges"].clear())
    with pytest.raises(InvalidInput) as error:
        openings(matcher_of(zone), "org:owner")
    assert error.value.code == "E060"
