"""Why each member was found, as the report tells it."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from jicheng.report import PlanView, render
from jicheng.report.names import Names
from jicheng.report.sections.challenges import cards
from jicheng.report.sections.found import Found, also_found, engines_of, found_members
from plan_builders import make_plan, typed

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def text(rank: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "challenge": "ch:resin", "capability": "cap:pur", "organisation": "org:1", "rank": rank,
        "text": f"text:{rank}", "kind": "patent", "title": "标题", "sentence": "原句。",
        "number": "CN1", "period": 2021, "score": 0.87, "holder": "org:1",
        "holder_name": "甲", "holder_name_en": None,
        "source": "jicheng.profile.words: words", **changed,
    }  # fmt: skip


def told(found: list[dict[str, Any]], **changed: Any) -> Found:
    held = {
        "challenge": "ch:resin", "capability": "cap:pur", "organisation": "org:1",
        "level": 0.7, "level_low": 0.6, "level_high": 0.8, "meets": "yes", "evidence": "自报",
    } | changed  # fmt: skip
    members = [
        {"organisation": "org:0", "name": "零", "name_en": None},
        {"organisation": "org:1", "name": "甲", "name_en": "A"},
    ]
    return found_members(members, [held], [], found, Names({}, {}))


def test_member_keeps_its_letter_and_who_holds_nothing_is_left_out() -> None:
    found = told([text()])
    assert [(m.letter, m.name.zh) for m in found.members] == [("B", "甲")]
    assert found.n_texts == 1


def test_text_is_told_with_kind_year_score_and_number() -> None:
    (member,) = told([text()]).members
    (shown,) = member.capabilities[0].texts
    assert shown.sentence.zh == "原句。"
    assert [fact.zh for fact in shown.facts] == ["专利", "2021", "把握 87.0%", "CN1"]
    assert [fact.en for fact in shown.facts] == ["Patent", "2021", "Chance 87.0%", "CN1"]
    assert member.capabilities[0].untold is None


def test_what_is_unknown_of_a_text_is_said() -> None:
    row = text(period=None, score=None, number=None, sentence=None, title=None)
    (shown,) = told([row]).members[0].capabilities[0].texts
    assert [fact.zh for fact in shown.facts] == ["专利", "年份不详", "把握：无数据"]
    assert (shown.sentence.zh, shown.title.zh) == ("", "text:1")


@pytest.mark.parametrize("sentence", ["一种超纯溶剂", "一种超纯 溶剂。"])
def test_text_whose_sentence_is_its_title_shows_the_title_alone(sentence: str) -> None:
    row = text(title="一种超纯溶剂", sentence=sentence)
    (shown,) = told([row]).members[0].capabilities[0].texts
    assert (shown.sentence.zh, shown.title.zh) == ("", "一种超纯溶剂")


def test_person_who_shows_it_is_named() -> None:
    row = text(holder="person:1", holder_name="张", holder_name_en="Zhang")
    (shown,) = told([row]).members[0].capabilities[0].texts
    assert "由张体现" in [fact.zh for fact in shown.facts]
    assert "Shown by Zhang" in [fact.en for fact in shown.facts]


@pytest.mark.parametrize(
    ("evidence", "zh"),
    [
        ("自报", "没有文本证据；水平依据：自报。"),
        (None, "没有文本证据，水平也没有注明依据。"),
    ],
)
def test_capability_without_a_text_says_what_the_level_rests_on(
    evidence: str | None, zh: str
) -> None:
    (held,) = told([], evidence=evidence).members[0].capabilities
    assert held.texts == ()
    assert held.untold is not None
    assert held.untold.zh == zh


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ("jicheng.profile.words: words", "由文本自动归类得出（只按词语）",
         "derived from texts (by words only)"),
        ("jicheng.profile.use: 1", "由文本自动归类得出（按意思与词语）",
         "derived from texts (by meaning and words)"),
        ("jicheng.profile.use+e5: 1", "由文本自动归类得出（按意思与词语）",
         "derived from texts (by meaning and words)"),
        ("jicheng.profile", "由文本自动归类得出", "derived from texts"),
        ("confirmed by Li on 2026-01-01", "由人填报", "stated by a person"),
        (None, "由人填报", "stated by a person"),
    ],
)  # fmt: skip
def test_engine_of_the_evidence_is_told(source: str | None, zh: str, en: str) -> None:
    told_ = engines_of([text(source=source)])
    assert told_ is not None
    assert told_.zh == f"证据由何得出：{zh}（1 处）。"
    assert told_.en == f"How the evidence came: {en} (1 place)."
    (other_,) = also_found([other(source=source)], Names({}, {}))
    assert zh in [fact.zh for fact in other_.text.facts]


def test_engines_are_counted_and_a_person_is_told_with_the_text() -> None:
    found = told([text(1), text(2, source="survey", score=1.0)])
    assert found.engines is not None
    assert found.engines.zh == (
        "证据由何得出：由文本自动归类得出（只按词语）（1 处）；由人填报（1 处）。"
    )
    derived, stated = found.members[0].capabilities[0].texts
    assert "由人填报" in [fact.zh for fact in stated.facts]
    assert "由人填报" not in [fact.zh for fact in derived.facts]
    assert told([]).engines is None


def test_unknown_level_is_said_to_be_unknown() -> None:
    (held,) = told([], level=None, meets=None).members[0].capabilities
    assert held.answer == "open"
    assert held.level.state == "cannot_tell"


def with_found(plan: PlanView, rows: list[dict[str, Any]]) -> PlanView:
    return dataclasses.replace(plan, tables={**plan.tables, "found": typed("found", rows)})


def without_found(plan: PlanView) -> PlanView:
    tables = {name: table for name, table in plan.tables.items() if name != "found"}
    return dataclasses.replace(plan, tables=tables)


def test_plan_from_before_the_table_shows_no_section() -> None:
    plan = without_found(make_plan())
    assert all(card.found is None for card in cards(plan, Names.of(plan)))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_words_of_a_text_never_become_markup(plan: PlanView, with_assets: None) -> None:
    held = plan["assignment"].row(0, named=True)
    row = text(title=HOSTILE, sentence=HOSTILE, number=HOSTILE, holder="person:1",
               holder_name=HOSTILE) | {
        key: held[key] for key in ("challenge", "capability", "organisation")
    }  # fmt: skip
    page = render(with_found(plan, [row]))
    tags = _Tags()
    tags.feed(page)
    clean = _Tags()
    clean.feed(render(without_found(plan)))
    assert HOSTILE not in page
    assert "&lt;script&gt;alert" in page
    count = [sum(tag == "script" for tag, _ in one.found) for one in (tags, clean)]
    assert count[0] == count[1]
    assert not any("onerror" in attributes for _, attributes in tags.found)


def test_page_shows_sentences_of_members_in_their_card(plan: PlanView, with_assets: None) -> None:
    held = plan["assignment"].row(0, named=True)
    row = text(sentence="金属杂质低于十亿分之一。") | {
        key: held[key] for key in ("challenge", "capability", "organisation")
    }
    page = render(with_found(plan, [row]))
    card = re.search(rf'id="card-{held["challenge"]}".*?(?=<details class="card )', page, re.S)
    assert card is not None
    assert "金属杂质低于十亿分之一" in card.group()
    assert "为什么找到这些成员（1 条文本证据）" in card.group()
    assert "证据由何得出：由文本自动归类得出（只按词语）（1 处）。" in card.group()
    assert "没有文本证据；水平依据：专利与检测报告。" in card.group()


def other(**changed: Any) -> dict[str, Any]:
    return text() | {
        "organisation": "org:9", "name": "乙", "name_en": "B", "country": "DEU", "shown": 0.64,
        "reached_low": 0.25, "reached_high": 0.5, "capabilities": "cap:a;cap:b", "n_texts": 3,
    } | changed  # fmt: skip


def test_others_are_told_with_what_their_texts_show() -> None:
    (found,) = also_found([other()], Names({}, {}))
    assert (found.name.zh, found.name.en) == ("乙", "B")
    assert found.says.zh == "德国 · 文本所示 64.0% · 水平达标 25.0–50.0% · 3 条文本 · cap:a、cap:b"
    assert (
        found.says.en
        == "Germany · texts show 64.0% · levels reach 25.0–50.0% · 3 texts · cap:a, cap:b"
    )
    assert found.text.sentence.zh == "原句。"


def test_other_of_unknown_share_and_country_says_so() -> None:
    unknown = dict.fromkeys(("shown", "country", "reached_low", "reached_high"))
    (found,) = also_found([other(n_texts=1, **unknown)], Names({}, {}))
    assert found.says.zh == "国家不详 · 文本所示 无数据 · 水平达标 无数据 · 1 条文本 · cap:a、cap:b"
    assert "1 text ·" in found.says.en


def test_page_shows_others_with_hostile_words_as_words(plan: PlanView, with_assets: None) -> None:
    row = other(name=HOSTILE, sentence=HOSTILE, challenge="ch:resin")
    tables = {**with_found(plan, []).tables, "also_found": typed("also_found", [row])}
    page = render(dataclasses.replace(plan, tables=tables))
    assert "另外找到、未入选的组织" in page
    assert HOSTILE not in page
    tags = _Tags()
    tags.feed(page)
    assert not any("onerror" in attributes for _, attributes in tags.found)
