from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.integrate.match.agreement import agreement, cohens_kappa, grades_of_all
from jicheng.integrate.match.labels import (
    Label,
    append_labels,
    grade_of,
    held_labels,
    read_labels,
)
from jicheng.integrate.match.matcher import Found, Matcher
from jicheng.integrate.match.pooling import pool, rankings
from jicheng.integrate.match.quality import Graded, quality
from jicheng.integrate.match.query import query_of_challenge
from jicheng.integrate.match.suggestion import suggest_weights
from match_builders import firm, held, match_zone, matcher_of, told

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)


def label(candidate: str, grade: str, who: str = "张三", challenge: str = "chal:a",
          note: str = "") -> Label:  # fmt: skip
    return Label(challenge, candidate, grade, who, NOW, note)


def test_labels_are_added_and_what_stood_there_is_untouched(tmp_path: Path) -> None:
    path = tmp_path / "z.labels.csv"
    append_labels(path, [label("org:a", "2")])
    before = path.read_bytes()
    append_labels(path, [label("org:a", "0"), label("org:b", "1", who="李四")])
    assert path.read_bytes().startswith(before)
    rows = read_labels(path)
    assert rows["grade"].to_list() == ["2", "0", "1"]
    last = held_labels(rows)
    assert last.filter(candidate="org:a")["grade"].to_list() == ["0"]


@pytest.mark.parametrize(
    "wrong",
    [label("org:a", "3"), label("org:a", "2", who="  "), label("", "2"),
     Label("c", "o", "1", "w", dt.datetime(2026, 1, 1))],
)  # fmt: skip
def test_labels_that_cannot_be_are_refused_as_a_whole(tmp_path: Path, wrong: Label) -> None:
    path = tmp_path / "l.csv"
    with pytest.raises(InvalidInput) as error:
        append_labels(path, [label("org:b", "1"), wrong])
    assert error.value.code == "E066"
    assert not path.exists()


def test_faults_name_the_line_and_the_column(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    append_labels(path, [label("org:a", "2")])
    with path.open("a", encoding="utf-8") as file:
        file.write("chal:a,org:b,7,w,2026-01-01T00:00:00+00:00,\nchal:a,org:c,1,w,soon,\n")
    with pytest.raises(InvalidInput) as error:
        read_labels(path)
    assert [(one.where.row, one.where.column) for one in error.value.faults] == [
        (3, "grade"),
        (4, "at"),
    ]


@pytest.mark.parametrize(
    ("text", "grade"),
    [("2", "2"), ("2.0", "2"), ("2 能解决", "2"), ("1 helps with a part", "1"),
     ("不清楚", "unclear"), (" Unclear ", "unclear"), ("3", None), ("可能", None)],
)  # fmt: skip
def test_grades_are_read_in_both_languages(text: str, grade: str | None) -> None:
    assert grade_of(text) == grade


def test_kappa_of_known_tables() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = .7, p_e = .5 (the textbook's example)
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohens_kappa(first, second) == pytest.approx(0.4)
    assert cohens_kappa([0, 1, 2], [0, 1, 2]) == 1.0
    assert np.isnan(cohens_kappa([], []))
    assert np.isnan(cohens_kappa([1, 1], [1, 1]))


def test_agreement_is_over_what_both_graded_and_unclear_is_no_grade() -> None:
    rows = pl.DataFrame(
        [("c", "a", "2", "x"), ("c", "a", "2", "y"), ("c", "b", "0", "x"), ("c", "b", "0", "y"),
         ("c", "d", "unclear", "x"), ("c", "d", "1", "y")],
        schema=["challenge", "candidate", "grade", "who"], orient="row",
    )  # fmt: skip
    row = agreement(rows).row(0, named=True)
    assert (row["pairs"], row["same"], row["kappa"]) == (2, 1.0, 1.0)


def test_of_two_people_who_differ_the_doubtful_one_is_heard() -> None:
    rows = pl.DataFrame(
        [("c", "a", "2", "x"), ("c", "a", "0", "y"), ("c", "b", "2", "x"), ("c", "b", "2", "y"),
         ("c", "b", "0", "z")],
        schema=["challenge", "candidate", "grade", "who"], orient="row",
    )  # fmt: skip
    assert grades_of_all(rows)["grade"].to_list() == [0, 2]


def found_in() -> tuple[Matcher, Found]:
    zone = match_zone(
        organisations=[firm("org:resin"), firm("org:silent")],
        texts=[{"id": "txt:r", "kind": "patent", "title": "低金属杂质光刻胶树脂"}],
        text_parties=[told("txt:r", "org:resin")],
        holdings=[held("org:silent", "cap:resist", 0.9)],
    )
    matcher = matcher_of(zone)
    return matcher, matcher.find(query_of_challenge(zone, "chal:resist"))


def test_the_pool_mixes_channels_and_strangers_in_an_order_that_tells_nothing() -> None:
    matcher, found = found_in()
    places = pool(matcher, found, 2)
    ids = [matcher.parties.ids[place] for place in places]
    assert {"org:resin", "org:silent"} <= {*ids}
    assert any(found.likeness.value.low[place] == 0.0 for place in places)
    assert ids != sorted(ids)
    assert places == pool(matcher, found, 2)
    assert "org:owner" not in ids  # a filter left it out


def test_ways_of_ranking_are_told_apart() -> None:
    matcher, found = found_in()
    ways = rankings(matcher, found)
    assert set(ways) == {"words", "texts", "everything"}
    assert int(np.argmax(ways["words"])) == matcher.parties.place("org:resin")


def test_whom_no_list_shows_gains_nothing_in_a_measure() -> None:
    matcher, found = found_in()
    ways = rankings(matcher, found)
    shown = np.isin(np.arange(matcher.parties.n), found.order)
    assert not shown.all()
    assert np.isneginf(ways["everything"][~shown]).all()
    assert np.isfinite(ways["everything"][shown]).all()
    like = found.likeness.value.low > 0.0
    assert (np.isneginf(ways["texts"]) == ~like).all()


def test_quality_is_measured_on_graded_candidates_alone() -> None:
    matcher, _ = found_in()
    rows = pl.DataFrame(
        [("chal:resist", "org:resin", "2", "x", "", ""),
         ("chal:resist", "org:other3", "0", "x", "", ""),
         ("chal:resist", "org:gone", "2", "x", "", "")],
        schema=["challenge", "candidate", "grade", "who", "at", "note"], orient="row",
    )  # fmt: skip
    told_of = quality(matcher, rows)
    (measured,) = told_of.kinds
    best = measured.table.filter(engine="words", measure="ndcg_10").row(0, named=True)
    assert best["mean"] == 1.0
    assert measured.n_pairs == 2
    assert measured.needed is None
    assert [one.code for one in told_of.warnings] == ["E069"]
    assert suggest_weights(measured.graded).gain is None


def graded(n: int, *, seed: int, signal: str) -> list[Graded]:
    """Return lists in which one of two criteria alone tells the grade."""
    generator = np.random.default_rng(seed)
    made = []
    for i in range(n):
        good, noise = generator.random(12), generator.random(12)
        grades = np.digitize(good, [0.6, 0.85]).astype(np.int64)
        parts = {"a": good if signal == "a" else noise, "b": noise}
        if signal == "none":
            grades = generator.permutation(grades)
        made.append(Graded(str(i), np.arange(12), grades, {}, parts, {"a": 0.3, "b": 0.7}))
    return made


def test_weights_that_order_the_labels_better_are_suggested_with_their_gain() -> None:
    told_better = suggest_weights(graded(20, seed=1, signal="a"))
    assert told_better.is_worth_it
    assert told_better.weights["a"] > 0.3
    assert "never applied" in told_better.sentence.en


def test_of_labels_by_chance_nothing_is_learnt() -> None:
    by_chance = suggest_weights(graded(20, seed=2, signal="none"))
    assert not by_chance.is_worth_it
    assert "keep these" in by_chance.sentence.en
