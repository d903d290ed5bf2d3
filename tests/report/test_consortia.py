from __future__ import annotations

from jicheng.report import PlanView
from jicheng.report.names import Names
from jicheng.report.sections import challenges, consortia
from jicheng.report.tables import Cell
from plan_builders import make_plan, typed

DOUBT = ("selection", "replacements", "alternatives")


def card_of(plan: PlanView, challenge: str = "ch:resin") -> challenges.Card:
    return next(card for card in challenges.cards(plan, Names.of(plan)) if card.id == challenge)


def column(card: challenges.Card, key: str) -> list[Cell]:
    (place,) = (k for k, column in enumerate(card.members.columns) if column.key == key)
    return [row[place] for row in card.members.rows]


def test_members_tell_how_sure_they_are_with_the_interval(plan: PlanView) -> None:
    cells = column(card_of(plan), "sure")
    assert [cell.text.en for cell in cells] == ["100.0%", "70.0%", "Not computed"]
    assert cells[1].interval is not None
    assert cells[1].interval.en == "60.0–78.0%"


def test_member_that_withdraws_costs_the_plan_and_someone_steps_in(plan: PlanView) -> None:
    lost, replaced, unknown = column(card_of(plan), "withdraws")
    assert (lost.text.en, lost.mark) == ("Irreplaceable", "no")
    assert lost.interval is not None
    assert lost.interval.en == "no consortium for High-aperture projection lens"
    assert replaced.text.en == "−2.75"
    assert replaced.interval is not None
    assert replaced.interval.en == (
        "Science City Precision, Suixin Microelectronics and 1 more would step in"
    )
    assert unknown.state == "not_computed"


def test_other_good_teams_stand_by_rank_with_what_they_lose(plan: PlanView) -> None:
    others = card_of(plan).others
    assert [row[0].value for row in others.rows] == ["team", "team", "plan"]
    assert [row[3].text.en for row in others.rows] == ["0.80", "1.60", "0.40"]
    assert others.rows[2][4].state == "not_computed"
    assert others.rows[2][5].state == "not_applicable"


def test_price_of_a_scarce_member_is_a_sentence_only_where_it_is_a_member(plan: PlanView) -> None:
    scarce = {
        row["subject"]: row["price"]
        for row in plan.rows("scarcity")
        if row["kind"] == "organisation" and (row["price"] or 0.0) > 0.0
    }
    of_card = (row for row in plan.rows("members") if row["challenge"] == "ch:resin")
    members = {row["organisation"] for row in of_card}
    assert scarce.keys() & members
    assert scarce.keys() - members or len(scarce) == 1
    said = [text.en for text in card_of(plan).sentences if "for its place here" in text.en]
    assert len(said) == len(scarce.keys() & members)
    without = card_of(make_plan(without=("scarcity",)))
    assert not any("for its place here" in text.en for text in without.sentences)


def test_frequency_of_the_consortium_is_a_sentence(plan: PlanView) -> None:
    said = card_of(plan).sentences[-1].en
    assert said.startswith("In 60.0% of 30 draws")


def test_columns_and_folds_are_left_out_where_nothing_was_computed() -> None:
    card = card_of(make_plan(without=DOUBT))
    assert [c.key for c in card.members.columns][-1] == "cost"
    assert card.others.rows == ()
    assert not any("draws" in sentence.en for sentence in card.sentences)


def test_scarce_things_stand_by_what_one_more_is_worth(plan: PlanView) -> None:
    part = consortia.scarce(plan, Names.of(plan))
    assert [row[0].text.en for row in part.table.rows] == [
        "Trace metal purification", "Yunshan Optics", "Science City Precision",
    ]  # fmt: skip
    assert part.says.en == (
        "The scarcest organisation is Yunshan Optics: one more place is worth 1.30 points. "
        "The scarcest capability is Trace metal purification: one more holder in the zone is "
        "worth 5.20 points; grow or invite one."
    )


def test_nothing_scarce_differs_from_not_computed(plan: PlanView) -> None:
    empty = PlanView({"scarcity": plan["scarcity"].clear()})
    assert "no capability is scarce" in consortia.scarce(empty, Names({}, {})).says.en
    assert "not computed" in consortia.scarce(PlanView({}), Names({}, {})).says.en


def test_withdrawals_count_who_is_irreplaceable(plan: PlanView) -> None:
    part = consortia.withdrawals(plan, Names.of(plan))
    assert "1 is irreplaceable" in part.says.en
    assert part.table.rows[0][3].text.en == "no consortium for High-aperture projection lens"
    assert part.table.rows[1][3].text.en == "Science City Precision and 2 more"


def test_floor_is_told_with_its_price(plan: PlanView) -> None:
    part = consortia.fairness(plan, Names.of(plan))
    assert part.says.en.endswith(
        "The floor of 35.0% for small and micro firms is not met and would cost 2.10 points."
    )
    assert len(part.table.rows) == 5


def test_organisations_of_no_known_group_are_listed_last_and_not_named(plan: PlanView) -> None:
    rows = [
        row | {"seat_share": 0.9} if row["group"] == "unknown" else row
        for row in plan.rows("fairness")
    ]
    part = consortia.fairness(PlanView({"fairness": typed("fairness", rows)}), Names.of(plan))
    assert part.table.rows[-1][0].text.en == "not known"
    assert "Science City Park" in part.says.en


def test_group_with_most_seats_beyond_its_candidates_is_named(plan: PlanView) -> None:
    says = consortia.fairness(plan, Names.of(plan)).says.en
    assert says.startswith(
        "Most seats beyond its share of the candidates: Science City Park (57.1%"
    )
    assert "Gini coefficient is 0.42, reported only" in says
