from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from builders import technologies
from jicheng.errors import InvalidInput
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.profile.classify import Classifier
from jicheng.integrate.profile.evidence import answers_frame
from jicheng.integrate.profile.explanation import explain, read_asked
from jicheng.integrate.profile.profiling import ProfileResult, profile, year_of
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.retrieval.cache import VectorCache
from jicheng.zone import Zone
from profile_builders import (
    CATERING_TEXT,
    COATING_TEXT,
    DROPLET,
    MULTILAYER,
    ON,
    OPTICS,
    party,
    some_capabilities,
    text,
    text_zone,
    words_classifier,
)

TEXTS = [text("t1", COATING_TEXT), text("t2", CATERING_TEXT)]


def derived(zone: Zone, **options: Any) -> ProfileResult:
    return profile(zone, words_classifier(), on=ON, **options)


def answers(*rows: tuple[str, str | None, str]) -> pl.DataFrame:
    said = [{"text": t, "capability": c, "answer": a, "who": "李四", "date": "2026-11-24"}
            for t, c, a in rows]  # fmt: skip
    return pl.DataFrame(said, schema=answers_frame().schema)


def test_owner_of_a_text_holds_what_it_shows_and_nobody_else_does() -> None:
    made = derived(text_zone(TEXTS, [party("t1", "org:a"), party("t2", "org:b")]))
    held = made.zone["holdings"]
    assert held.select("holder", "capability").rows() == [("org:a", MULTILAYER)]
    assert 0 < held["level_low"][0] <= held["level"][0] <= held["level_high"][0] < 1
    evidence = made.zone["evidence"].row(0, named=True)
    assert evidence["text"] == "t1"
    assert evidence["sentence"] in COATING_TEXT
    assert made.counts["none"] == 1
    assert made.counts["classified"] == 1


def test_text_of_a_facility_counts_for_its_owner() -> None:
    made = derived(text_zone(TEXTS, [party("t1", "fac:f")]))
    assert made.zone["holdings"]["holder"].to_list() == ["org:c"]


def test_author_holds_it_and_a_funder_does_not() -> None:
    made = derived(
        text_zone(TEXTS, [party("t1", "per:p", "author"), party("t1", "org:b", "funder")])
    )
    assert made.zone["holdings"]["holder"].to_list() == ["per:p"]


def test_partner_has_a_lower_level_than_the_owner() -> None:
    made = derived(text_zone(TEXTS, [party("t1", "org:a"), party("t1", "org:b", "partner")]))
    level = dict(made.zone["holdings"].select("holder", "level").iter_rows())
    assert level["org:b"] < level["org:a"]


def test_text_of_nobody_is_counted_as_such() -> None:
    made = derived(text_zone(TEXTS, []))
    assert made.counts["homeless"] == 1
    assert made.zone["holdings"].is_empty()


def test_words_alone_are_told() -> None:
    made = derived(text_zone(TEXTS, []))
    assert "E048" in [found.code for found in made.warnings]
    assert made.engine == "bm25"


def test_coverage_counts_what_was_derived() -> None:
    zone = derived(text_zone(TEXTS, [party("t1", "per:p", "author")])).zone
    held = Holdings.of(zone, Roster.of(zone, ConsortiumSettings()), needs_source=True)
    assert held.table["capability"].to_list() == [MULTILAYER]
    assert held.table["low"][0] > 0.0


@pytest.mark.parametrize(
    ("level", "outcome"), [(0.95, "conflict"), (0.2, "kept"), (None, "kept"), (0.0, "conflict")]
)
def test_stated_level_stands_beside_the_derived_one(level: float | None, outcome: str) -> None:
    stated = {"holder": "org:a", "capability": MULTILAYER, "level": level, "source": "专家评议"}
    zone = text_zone(
        TEXTS,
        [party("t1", "org:a")],
        holdings=[stated],
        capabilities=words_classifier().capabilities,
    )
    made = derived(zone, replace_derived=True)
    assert made.zone["holdings"].equals(zone["holdings"])
    assert made.holdings["outcome"].to_list() == [outcome]
    assert made.holdings["stated"][0] == level
    assert ("E046" in [found.code for found in made.warnings]) == (outcome == "conflict")


def test_second_run_changes_nothing() -> None:
    zone = text_zone(TEXTS, [party("t1", "org:a"), party("t1", "org:b")])
    once = derived(zone)
    twice = derived(once.zone, replace_derived=True)
    assert twice.zone.content_hash == once.zone.content_hash
    assert (twice.counts["new"], twice.counts["kept"], twice.counts["evidence"]) == (0, 2, 0)


def test_new_text_changes_earlier_rows_only_if_asked() -> None:
    zone = text_zone(TEXTS[:1], [party("t1", "org:a")])
    once = derived(zone).zone
    more = text_zone([*TEXTS, text("t3", COATING_TEXT, title="镀膜设备")],
                     [party("t1", "org:a"), party("t3", "org:a")])  # fmt: skip
    grown = once.with_tables(texts=more["texts"], text_parties=more["text_parties"])
    kept, renewed = derived(grown), derived(grown, replace_derived=True)
    assert (kept.counts["earlier"], renewed.counts["replaced"]) == (1, 1)
    assert kept.zone["holdings"].equals(once["holdings"])
    assert renewed.zone["holdings"]["level"][0] > once["holdings"]["level"][0]


def test_refused_answer_takes_away_and_confirmed_one_is_certain() -> None:
    zone = text_zone(TEXTS, [party("t1", "org:a"), party("t2", "org:b")])
    once = derived(zone).zone
    said = answers(("t1", MULTILAYER, "no"), ("t2", OPTICS, "yes"))
    made = derived(once, replace_derived=True, answers=said)
    rows = made.zone["evidence"].select("holder", "capability", "score", "source").rows()
    assert rows == [("org:b", OPTICS, 1.0, "confirmed by 李四 on 2026-11-24")]
    assert made.zone["holdings"].select("holder", "capability").rows() == [("org:b", OPTICS)]


def test_text_that_shows_none_takes_away_all_that_it_was_evidence_of() -> None:
    zone = text_zone(TEXTS, [party("t1", "org:a"), party("t2", "org:b")])
    once = derived(zone)
    assert once.zone["evidence"]["text"].to_list() == ["t1"]
    said = answers(("t1", None, "none"))
    made = derived(once.zone, replace_derived=True, answers=said)
    assert made.zone["evidence"].is_empty()
    assert made.zone["holdings"].is_empty()
    later = derived(zone, answers=pl.concat([said, answers(("t1", OPTICS, "yes"))]))
    assert later.zone["evidence"]["capability"].to_list() == [OPTICS]


def test_last_answer_counts_and_answers_of_gone_texts_do_not() -> None:
    zone = text_zone(TEXTS, [party("t1", "org:a")])
    said = answers(("t1", MULTILAYER, "no"), ("t1", MULTILAYER, "yes"), ("gone", OPTICS, "yes"))
    made = derived(zone, answers=said)
    assert made.zone["evidence"]["score"].to_list() == [1.0]


def test_yes_is_taken_back_by_a_later_no_or_none() -> None:
    zone = text_zone([text("t1", CATERING_TEXT)], [party("t1", "org:a")])
    yes = ("t1", OPTICS, "yes")
    first = derived(zone, answers=answers(yes))
    assert first.zone["holdings"].height == 1
    for later in (("t1", OPTICS, "no"), ("t1", None, "none")):
        made = derived(first.zone, answers=answers(yes, later), replace_derived=True)
        assert made.zone["evidence"].is_empty()
        assert made.zone["holdings"].is_empty()


def test_row_that_is_the_same_keeps_its_date() -> None:
    zone = text_zone(TEXTS, [party("t1", "org:a")])
    first = derived(zone).zone
    later = profile(first, words_classifier(), on=dt.date(2027, 3, 1), replace_derived=True).zone
    assert later["evidence"].equals(first["evidence"])


def test_text_of_which_neither_is_sure_is_undecided() -> None:
    vague = "光学系统的像差"
    count = derived(text_zone([*TEXTS, text("t3", vague)], [])).counts
    assert (count["classified"], count["none"], count["undecided"]) == (1, 1, 1)
    assert count["unsure"] == 1
    said = derived(
        text_zone([*TEXTS, text("t3", vague)], []), answers=answers(("t3", None, "none"))
    )
    assert (said.counts["none"], said.counts["undecided"]) == (2, 0)


def test_another_taxonomy_replaces_the_shipped_one_but_for_what_people_named() -> None:
    need = {"technology": "tech:a", "capability": DROPLET}
    zone = text_zone(TEXTS, [party("t1", "org:a")], technologies=technologies("tech:a"),
                     needs=[need], capabilities=some_capabilities())  # fmt: skip
    first = derived(zone).zone
    own = some_capabilities(MULTILAYER).filter(pl.col("id") == MULTILAYER)
    own = own.with_columns(id=pl.lit("my:coat"), parent=pl.lit(None, pl.String))
    classifier = Classifier.of(own, (), VectorCache())
    made = profile(first, classifier, on=ON, replace_derived=True).zone
    ids = made["capabilities"]["id"].to_list()
    assert "my:coat" in ids
    assert DROPLET in ids
    assert MULTILAYER not in ids
    assert set(made["evidence"]["capability"]) <= {"my:coat"}


def test_zone_without_texts_is_refused() -> None:
    with pytest.raises(InvalidInput, match="E042"):
        derived(text_zone([], []))


def test_grounds_of_a_level_add_up_to_it() -> None:
    zone = derived(text_zone(TEXTS, [party("t1", "org:a")])).zone
    (told,) = explain(zone, "org:a", MULTILAYER, year=2026)
    assert told.level == zone["holdings"]["level"][0]
    (ground,) = told.grounds
    assert ground.text == "t1"
    assert ground.age == 2
    assert ground.adds == pytest.approx(0.8 * 0.5 ** (2 / 6) * ground.chance)
    assert told.as_plain()["grounds"][0]["kind_en"] == "Patent application"


def test_explaining_what_no_text_shows_is_no_data() -> None:
    zone = derived(text_zone(TEXTS, [party("t1", "org:a")])).zone
    with pytest.raises(InvalidInput, match="E047"):
        explain(zone, "org:b", year=2026)


def test_ids_with_colons_are_read() -> None:
    zone = derived(text_zone(TEXTS, [])).zone
    assert read_asked("org:a", zone) == ("org:a", None)
    assert read_asked(f"org:a:{MULTILAYER}", zone) == ("org:a", MULTILAYER)
    for wrong in ("org:none", "org:a:cap:none", ""):
        with pytest.raises(InvalidInput, match="E034"):
            read_asked(wrong, zone)


def test_ages_are_counted_from_the_period_of_the_zone_not_from_today() -> None:
    zone = text_zone(TEXTS, [party("t1", "org:a")])
    now, later = (profile(zone, words_classifier(), on=day) for day in (ON, ON.replace(year=2031)))
    ends = ["level", "level_low", "level_high"]
    assert now.zone["holdings"].select(ends).equals(later.zone["holdings"].select(ends))
    assert later.zone["holdings"]["as_of"].to_list() == [ON.replace(year=2031)]
    assert year_of(zone, ON.replace(year=2031)) == 2026
    assert year_of(text_zone(TEXTS, [], zones=[]), ON.replace(year=2031)) == 2031


def test_holdings_that_no_text_shows_any_more_are_counted() -> None:
    once = derived(text_zone(TEXTS, [party("t1", "org:a"), party("t1", "org:b")]))
    said = answers(("t1", MULTILAYER, "no"))
    kept = derived(once.zone, answers=said)
    renewed = derived(once.zone, answers=said, replace_derived=True)
    assert (once.counts["removed"], kept.counts["removed"], renewed.counts["removed"]) == (0, 0, 2)
