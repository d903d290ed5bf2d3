from __future__ import annotations

from itertools import combinations

import pytest

from builders import make_zone
from jicheng.errors import InvalidInput, MissingData
from jicheng.integrate.named_set import cover_named_set
from jicheng.zone import Zone

LEVELS = {  # holder: level of capabilities a, b, c; None = held, level unknown
    "o1": (0.9, 0.2, 0.0),
    "o2": (0.0, 0.8, 0.0),
    "o3": (0.5, 0.0, None),
    "o4": (0.0, 0.0, 0.7),
}


@pytest.fixture
def zone() -> Zone:
    return make_zone(
        technologies=[{"id": "t", "name": "t", "kind": "process"}],
        capabilities=[{"id": c, "name": c.upper()} for c in "abc"],
        needs=[
            {"technology": "t", "capability": c, "level": 0.6, "weight": w}
            for c, w in zip("abc", (2, 1, 1), strict=True)
        ],
        organisations=[
            {"id": name, "name": name, "kind": "firm", "country": "CHN", "zone": "zone:test"}
            for name in LEVELS
        ],
        holdings=[
            {"holder": name, "capability": c, "level": level, "evidence": "test"}
            for name, levels in LEVELS.items()
            for c, level in zip("abc", levels, strict=True)
            if level != 0.0
        ],
    )


def test_a_pair_covers_what_its_members_cover_together(zone: Zone) -> None:
    found = cover_named_set(zone, "t", ["o1", "o2"])
    assert found.share == pytest.approx(0.75)
    assert found.best_single == pytest.approx(0.5)
    assert found.weakest == "c"
    assert dict(found.margins.select("organisation", "margin").iter_rows()) == {
        "o1": pytest.approx(0.5),
        "o2": pytest.approx(0.25),
    }
    assert found.next_member == "o4"


def test_an_unknown_level_is_open_and_widens_the_interval(zone: Zone) -> None:
    found = cover_named_set(zone, "t", ["o3"])
    assert (found.share, found.low, found.high) == (0.0, 0.0, pytest.approx(0.25))
    assert found.needs["verdict"].to_list() == ["no", "no", "open"]


def test_random_sets_are_counted_over_the_pool(zone: Zone) -> None:
    pairs = list(combinations(LEVELS, 2))
    shares = [cover_named_set(zone, "t", pair).share for pair in pairs]
    found = cover_named_set(zone, "t", ["o1", "o2"])
    assert found.pool == 4
    assert found.random_expected == pytest.approx(sum(shares) / len(pairs))
    assert found.random_all == pytest.approx(shares.count(1.0) / len(pairs))


def test_no_member_yet_shows_needs_and_whom_to_ask_first(zone: Zone) -> None:
    found = cover_named_set(zone, "t", [])
    assert found.share == 0.0
    assert found.next_member == "o1"
    assert found.needs.height == 3


def test_unknown_members_are_named_with_the_nearest(zone: Zone) -> None:
    with pytest.raises(InvalidInput) as caught:
        cover_named_set(zone, "t", ["o9", "x"])
    assert [found.code for found in caught.value.faults] == ["E334", "E334"]
    assert "o4" in caught.value.faults[0].hint.en


def test_a_technology_without_needs_says_so(zone: Zone) -> None:
    with pytest.raises(MissingData, match="E333"):
        cover_named_set(zone, "nothing", ["o1"])
