from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.integrate.profile.holders import holders_of
from jicheng.integrate.profile.level import contributions, level_of, levels, strength_quantiles
from jicheng.integrate.profile.settings import ProfileSettings, check_settings
from profile_builders import MULTILAYER, party, some_capabilities, text, text_zone

SETTINGS = ProfileSettings()
KINDS = ("patent", "paper", "product", "standard", "other")
pieces = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.one_of(st.none(), st.integers(1990, 2030)),
        st.floats(0.5, 1.0).map(lambda p: round(p, 4)),
        st.sampled_from(["owner", "partner"]),
    ),
    min_size=1,
    max_size=6,
)


def judged(rows: list[tuple[str, int | None, float, str]], model: str = "use") -> tuple[float, ...]:
    """Return level, low and high of one holder with some texts."""
    ids = [f"t{i}" for i in range(len(rows))]
    kinds, periods, chances, roles = (list(column) for column in zip(*rows, strict=True))
    texts = pl.DataFrame(
        {"id": ids, "title": ids, "kind": kinds, "number": [None] * len(rows), "period": periods},
        schema_overrides={"number": pl.String, "period": pl.Int64},
    )
    parties = pl.DataFrame({"text": ids, "holder": ["org:a"] * len(rows), "role": roles})
    evidence = pl.DataFrame({"text": ids, "score": chances}).with_columns(
        holder=pl.lit("org:a"), capability=pl.lit("cap:c"), sentence=pl.lit(None, pl.String),
        source=pl.lit(f"jicheng.profile.{model}: x"),
    )  # fmt: skip
    counted = contributions(
        evidence, texts, parties, year=2026, errors={"use": 0.5, "words": 1.0}, settings=SETTINGS
    )
    made = levels(counted, SETTINGS)
    assert made.height == 1
    return made.select("level", "level_low", "level_high").row(0)


@given(pieces)
@settings(max_examples=40, deadline=None)
def test_level_lies_between_its_ends_below_one(rows: list) -> None:
    level, low, high = judged(rows)
    assert 0.0 <= low <= level <= high <= 1.0
    assert level > 0.0


@given(pieces, pieces)
@settings(max_examples=40, deadline=None)
def test_more_evidence_never_lowers_a_level_or_its_ends(rows: list, more: list) -> None:
    before, after = judged(rows), judged(rows + more)
    assert all(new >= old for old, new in zip(before, after, strict=True))


@given(pieces, st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_older_evidence_never_raises_a_level_or_its_ends(rows: list, years: int) -> None:
    older = [(kind, period and period - years, p, role) for kind, period, p, role in rows]
    before, after = judged(rows), judged(older)
    assert all(new <= old for old, new in zip(before, after, strict=True))


@given(pieces, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_of_evidence_changes_nothing(rows: list, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judged(rows) == judged(shuffled)


@given(pieces)
@settings(max_examples=30, deadline=None)
def test_a_less_certain_engine_is_never_narrower_below(rows: list) -> None:
    sure, unsure = judged(rows, "use"), judged(rows, "words")
    assert unsure[0] == sure[0]
    assert unsure[1] <= sure[1]
    assert unsure[2] >= sure[2]


@pytest.mark.parametrize("n", [1, 3, 7])
def test_quantiles_are_those_of_all_outcomes(n: int) -> None:
    random = np.random.default_rng(n)
    chances = random.uniform(0.2, 0.95, n)
    step = SETTINGS.strength_scale / 200
    counts = random.integers(1, 80, n) * step
    outcomes = []
    for hit in itertools.product((0, 1), repeat=n):
        chance = math.prod(p if z else 1 - p for p, z in zip(chances, hit, strict=True))
        outcomes.append((float(np.dot(hit, counts)), chance))
    outcomes.sort()
    for q in (0.1, 0.37, 0.9):
        reached = itertools.accumulate(p for _, p in outcomes)
        wanted = next(s for (s, _), total in zip(outcomes, reached, strict=True) if total >= q)
        assert strength_quantiles(chances, counts, (q,), SETTINGS)[0] == pytest.approx(wanted)


def test_level_of_certain_evidence_is_the_formula() -> None:
    certain = np.ones((3, 2))
    counts = np.full((3, 2), 1.5)
    low, level, high = level_of(certain, counts, SETTINGS)
    assert level == pytest.approx(1 - math.exp(-1), abs=1e-4)
    assert low == pytest.approx(1 - math.exp(-3 / 4.5), abs=1e-4)
    assert high == pytest.approx(1 - math.exp(-3 / 2), abs=1e-4)


def test_few_doubtful_texts_give_a_wide_interval_down_to_zero() -> None:
    _, low, high = judged([("patent", 2025, 0.6, "owner")])
    many = judged([("patent", 2025, 0.6, "owner")] * 12)
    assert low == 0.0
    assert high > 0.0
    assert many[1] > 0.0


def test_no_text_gives_no_row() -> None:
    counted = contributions(
        text_zone([], [])["evidence"], text_zone([], [])["texts"], holders_of(text_zone([], [])),
        year=2026, errors={}, settings=SETTINGS,
    )  # fmt: skip
    assert levels(counted, SETTINGS).is_empty()


def test_application_and_grant_of_one_invention_count_once() -> None:
    def level(titles: tuple[str, str]) -> float:
        zone = text_zone(
            [text("t1", "x", title=titles[0], number="CN101234567A"),
             text("t2", "x", title=titles[1], number="CN101234567B")],
            [party("t1", "org:a"), party("t2", "org:a")],
            capabilities=some_capabilities().to_dicts(),
            evidence=[{"holder": "org:a", "capability": MULTILAYER, "text": t, "score": 0.9}
                      for t in ("t1", "t2")],
        )  # fmt: skip
        counted = contributions(
            zone["evidence"], zone["texts"], holders_of(zone), year=2026, errors={},
            settings=SETTINGS,
        )  # fmt: skip
        assert counted["kind_of_evidence"].to_list() == ["patent", "patent_granted"]
        return float(levels(counted, SETTINGS)["level"][0])

    assert level(("一种镀膜方法", "一种镀膜方法")) < level(("一种镀膜方法", "一种镀膜设备"))


def test_a_row_that_a_person_stated_is_certain() -> None:
    zone = text_zone(
        [text("t1", "x")], [party("t1", "org:a")],
        capabilities=some_capabilities().to_dicts(),
        evidence=[{"holder": "org:b", "capability": MULTILAYER, "text": "t1", "source": "专家"}],
    )  # fmt: skip
    counted = contributions(
        zone["evidence"], zone["texts"], holders_of(zone), year=2026, errors={"use": 9.0},
        settings=SETTINGS,
    )  # fmt: skip
    assert counted.select("chance_low", "chance", "share").row(0) == (1.0, 1.0, 1.0)


def test_settings_out_of_range_are_refused_together() -> None:
    wrong = ProfileSettings(threshold=0.0, strength_scale_low=9.0, strength_scale_high=4.0)
    with pytest.raises(InvalidInput) as caught:
        check_settings(wrong)
    assert [found.code for found in caught.value.faults] == ["E030", "E030"]


def test_saturated_strength_stays_a_share() -> None:
    made = level_of(np.ones((3, 300)), np.full((3, 300), 2.0), SETTINGS)
    assert all(0.9 < end <= 1.0 for end in made)
    assert pl.Series(made).is_sorted()
