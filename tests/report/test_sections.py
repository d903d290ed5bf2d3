from __future__ import annotations

from jicheng.errors import Text
from jicheng.report import PlanView
from jicheng.report.names import Names
from jicheng.report.sections import chain, challenges, exposure, firms, methods, portfolio, summary
from jicheng.report.sections import technologies as section
from jicheng.report.sections.notes import in_words, notes
from plan_builders import ORGANISATIONS, make_plan, typed


def cards_of(plan: PlanView) -> dict[str, challenges.Card]:
    return {card.id: card for card in challenges.cards(plan, Names.of(plan))}


def test_headline_has_four_figures_each_with_an_interval(plan: PlanView) -> None:
    figures = summary.figures(plan)
    assert len(figures) == 4
    assert all(figure.interval.zh and figure.interval.en for figure in figures)


def test_headline_without_tables_says_not_computed_and_shows_no_number() -> None:
    for figure in summary.figures(PlanView({})):
        assert figure.state == "not_computed"
        assert figure.value == Text("未计算", "Not computed")


def test_chokepoints_that_evidence_caps_do_not_count_under_any_variant() -> None:
    rows = [
        {"technology": "a", "name": "甲", "verdict": "chokepoint", "p_linear": 0.9,
         "p_chokepoint": 0.95, "p_leontief": 1.0},
        {"technology": "b", "name": "乙", "verdict": "watch", "evidence": "D", "p_linear": 0.9,
         "p_chokepoint": 0.99, "p_leontief": 1.0},
        {"technology": "c", "name": "丙", "verdict": "watch", "p_linear": 0.1,
         "p_chokepoint": 0.5, "p_leontief": 0.85},
        {"technology": "d", "name": "丁", "verdict": "no_data"},
    ]  # fmt: skip
    figure = summary.figures(PlanView({"chokepoints": typed("chokepoints", rows)}))[0]
    assert figure.value.en == "1"
    assert figure.interval.en == "1–2 under the three cascade variants"
    assert "1 without data" in figure.says.en


def test_technologies_without_data_stand_last_and_show_no_number(plan: PlanView) -> None:
    table = section.technology_table(plan, Names.of(plan))
    verdicts = [row[2].value for row in table.rows]
    first = verdicts.index("no_data")
    assert set(verdicts[first:]) == {"no_data"}
    columns = [column.key for column in table.columns]
    cell = table.rows[-1][columns.index("vulnerability")]
    assert (cell.state, cell.value) == ("no_data", None)


def test_old_shares_are_marked_stale(plan: PlanView) -> None:
    table = section.technology_table(plan, Names.of(plan))
    newest = dict(zip(plan["chokepoints"]["technology"], plan["chokepoints"]["newest_period"],
                      strict=True))  # fmt: skip
    for key, row in zip(table.ids, table.rows, strict=True):
        if newest[key] is not None:
            assert (row[-1].state == "stale") == (2026 - newest[key] > 4)


def test_technology_of_the_zone_without_a_row_has_no_data() -> None:
    plan = make_plan(without=["chokepoints"])
    names = Names.of(plan)
    records = section.records(plan, names)
    assert len(records) == plan.zone_tables["technologies"].height
    assert {record.verdict for record in records} == {"no_data"}
    assert all(record.facts == () for record in records)


def test_chain_map_starts_with_the_chain_of_most_chokepoints(plan: PlanView) -> None:
    names = Names.of(plan)
    found = chain.chain_map(plan, section.records(plan, names), names)
    counts = [group.count("chokepoint") for group in found.chains]
    assert counts == sorted(counts, reverse=True)
    assert sum(group.total for group in found.chains) == plan["chokepoints"].height
    relations = {arrow.relation for arrow in found.arrows}
    assert relations == {"input", "category"}


def test_card_of_an_infeasible_challenge_gives_the_reason(plan: PlanView) -> None:
    card = cards_of(plan)["ch:source"]
    assert card.members.rows == ()
    assert "无人持有所需能力：痕量金属纯化" in card.sentences[0].zh


def test_matrix_tells_unknown_level_from_not_held(plan: PlanView) -> None:
    answers = {
        cell.answer
        for card in cards_of(plan).values()
        for row in card.matrix.rows
        for cell in row.members
    }
    assert answers == {"yes", "no", "open", "none"}
    open_cells = [
        cell
        for card in cards_of(plan).values()
        for row in card.matrix.rows
        for cell in row.members
        if cell.answer == "open"
    ]
    assert all(cell.level is None for cell in open_cells)


def test_card_compares_the_team_with_random_sets(plan: PlanView) -> None:
    sentence = next(s for s in cards_of(plan)["ch:resin"].sentences if "random" in s.en)
    assert "41.0%" in sentence.en
    assert "(23)" in sentence.en


def test_proof_is_told_in_words(plan: PlanView) -> None:
    cards = cards_of(plan)
    assert "Proved: there is no better consortium." in [s.en for s in cards["ch:resin"].sentences]
    assert any("keep theirs" in s.en for s in cards["ch:lens"].sentences)
    assert "Proved within 2.8% of the best." in [s.en for s in cards["ch:mems"].sentences]


def test_cost_of_sharing_is_told_with_who_works_elsewhere(plan: PlanView) -> None:
    cards = cards_of(plan)
    told = [s.en for s in cards["ch:lens"].sentences if "Sharing" in s.en]
    assert told == [
        "Sharing costs it 1.30 points (its best alone has 22.70): Yunshan Optics work on other "
        "challenges."
    ]
    assert any("costs it nothing" in s.en for s in cards["ch:resin"].sentences)
    assert not any("Sharing" in s.en for s in cards["ch:mems"].sentences)


def test_challenge_without_years_cannot_tell_its_success(plan: PlanView) -> None:
    success = {head.en: cell for head, cell in cards_of(plan)["ch:tube"].facts}
    assert success["Success (planning assumption)"].state == "cannot_tell"


def test_challenge_without_a_portfolio_is_not_computed() -> None:
    cards = cards_of(make_plan(without=["portfolio"]))
    assert {card.decision for card in cards.values()} == {"not_computed"}


def test_member_without_cost_has_no_data(plan: PlanView) -> None:
    costs = [row[6] for row in cards_of(plan)["ch:resin"].members.rows]
    assert [cell.state for cell in costs].count("no_data") == 1


def test_sampling_error_and_assumed_range_are_told_apart(plan: PlanView) -> None:
    words = [sentence.en for sentence in portfolio.value_sentences(plan)]
    assert any("Sampling error" in sentence for sentence in words)
    assert any("assumed parameters" in sentence for sentence in words)


def test_portfolio_lists_the_funded_first_and_says_who_pays(plan: PlanView) -> None:
    table = portfolio.portfolio_table(plan, Names.of(plan))
    decisions = [row["decision"] for row in table.filters]
    assert decisions == sorted(decisions, key=["funded", "not_funded", "not_candidate"].index)
    paid = dict(zip(table.ids, table.rows, strict=True))["ch:resin"][7]
    assert paid.text.zh == "财政专项资金 2,000 万元；产业引导基金 1,000 万元"
    assert paid.text.en == "Public programme CNY 20.0 million; Industry fund CNY 10.0 million"


def test_unprotected_technologies_are_ranked_by_products(plan: PlanView) -> None:
    found = exposure.unprotected(plan, Names.of(plan))
    assert [(key, n) for key, _, n in found.technologies] == [("ic-eda", 3), ("ic-scanner", 3)]


def test_firms_are_listed_by_rank_and_cut_short(plan: PlanView) -> None:
    found = firms.systemic_firms(plan)
    assert [row[0].value for row in found.table.rows] == list(range(1, 21))
    assert found.says.en.startswith(
        "30 firms were examined, the first 20 are listed; if the first stops, 20.0%"
    )


def test_firms_without_sales_are_not_computed() -> None:
    found = firms.systemic_firms(PlanView({}))
    assert found.table.rows == ()
    assert "Without sales" in found.says.en


def test_note_names_the_missing_attribute_by_its_label(plan: PlanView) -> None:
    (note,) = notes(plan, "chokepoints")
    assert note.status.en == "Partial"
    assert "供给·份额" in note.text.zh
    assert "Supply: share" in note.text.en


def test_stage_without_a_record_is_told() -> None:
    (note,) = notes(PlanView({}), "portfolio")
    assert note.status.en == "not recorded"


def test_words_of_an_unknown_place_stay_as_they_are() -> None:
    assert in_words("some thing; supply.share") == Text("some thing、供给·份额",
                                                        "some thing, Supply: share")  # fmt: skip


def test_identity_says_not_recorded_for_what_is_absent() -> None:
    found = methods.identity(PlanView({}))
    assert {cell.text.en for _, cell in found.lines[:2]} == {"not recorded"}


def test_source_without_a_licence_has_no_data(plan: PlanView) -> None:
    table = methods.source_table(plan)
    assert [row[1].state for row in table.rows] == ["", "no_data"]


def test_lists_and_booleans_of_parameters_are_written_out() -> None:
    plan = PlanView({}, manifest={"parameters": [
        {"stage": "portfolio", "name": "a", "value": ["firm", 2.5], "zh": "甲", "en": "A"},
        {"stage": "portfolio", "name": "b", "value": True, "unit": "", "zh": "乙", "en": "B"},
        {"stage": "portfolio", "name": "c", "value": None, "unit": "", "zh": "丙", "en": "C"},
    ]})  # fmt: skip
    cells = [row[2] for row in methods.parameter_table(plan).rows]
    assert [cell.text.en for cell in cells] == ["Firm, 2.5", "Yes", "Not applicable"]


def test_names_come_from_the_plan_where_the_zone_was_not_handed_over() -> None:
    plan = make_plan()
    alone = PlanView(plan.tables, {}, plan.manifest)
    names = Names.of(alone)
    assert names["org:f1"].zh == "云山光学股份有限公司"
    assert names["nobody"] == Text("nobody", "nobody")
    assert len(ORGANISATIONS) == 7
