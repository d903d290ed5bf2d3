"""Explanations: every figure traced to rows that exist, and the fact that would settle it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from builders import link, make_zone, share, technologies
from jicheng.errors import InvalidInput
from jicheng.sample import generate
from jicheng.schema import Kind, plan_tables, zone_tables
from jicheng.select.chokepoints import ChokepointSettings, ChokepointsResult, find_chokepoints
from jicheng.select.trace import SourceRow
from jicheng.zone import Zone

DESCRIPTIVE = {
    "technology", "name", "name_en", "chain", "stage", "kind", "is_category", "verdict",
    "forced", "reason",
}  # fmt: skip


def zone_of(*rows: dict[str, Any], links: list[dict[str, Any]] | None = None, **t: Any) -> Zone:
    return make_zone(
        technologies=technologies("t", "u", "p", t=t, p={"final_value": 1.0}),
        links=links or [link("t", "p", essentiality="essential")],
        supply=list(rows),
    )


def found(zone: Zone, **values: Any) -> ChokepointsResult:
    return find_chokepoints(zone, settings=ChokepointSettings(n_draws=200), **values)


def settles(zone: Zone, technology: str = "t") -> str:
    return "\n".join(text.en for text in found(zone).explain(technology).settles)


def assert_in_zone(zone: Zone, row: SourceRow) -> None:
    """Assert that exactly one row of the zone has this key and these values."""
    frame = zone[row.table]
    for name, value in row.key:
        frame = frame.filter(pl.col(name).eq_missing(pl.lit(value)))
    assert frame.height == 1, row
    stated = frame.row(0, named=True)
    assert {name: stated[name] for name, _ in row.values} == dict(row.values)
    assert (stated["origin" if row.table == "links" else "source"] or "") == row.source


@pytest.fixture(scope="module")
def sample() -> tuple[Zone, ChokepointsResult]:
    zone = generate(scale="small", seed=1).zone
    return zone, found(zone)


def test_every_source_row_exists_in_the_zone(sample: tuple[Zone, ChokepointsResult]) -> None:
    zone, result = sample
    tables = set()
    for technology in result.table["technology"]:
        for figure in result.explain(technology).figures:
            for row in figure.rows:
                assert_in_zone(zone, row)
                tables.add(row.table)
    assert tables == {
        "supply", "restrictions", "links", "technologies", "zones", "needs", "holdings",
    }  # fmt: skip


def test_every_figure_of_the_table_is_accounted_for(
    sample: tuple[Zone, ChokepointsResult],
) -> None:
    _, result = sample
    explanation = result.explain(result.table["technology"][0])
    told = {column for figure in explanation.figures for column in figure.columns}
    assert told == set(plan_tables()["chokepoints"].names) - DESCRIPTIVE


def test_what_has_a_value_has_steps_and_what_rests_on_rows_names_them(
    sample: tuple[Zone, ChokepointsResult],
) -> None:
    _, result = sample
    on_rows = {"vulnerability", "impact_mixed", "hhi", "evidence", "p_chokepoint", "years_low"}
    for row in result.table.iter_rows(named=True):
        explanation = result.explain(row["technology"])
        for figure in explanation.figures:
            if row[figure.columns[0]] is None:
                assert figure.value == ""
                continue
            assert figure.steps, figure.columns
            assert figure.rows or figure.columns[0] not in on_rows | {"n_needs"}


def test_shares_in_the_explanation_give_the_figure_again(
    sample: tuple[Zone, ChokepointsResult],
) -> None:
    zone, result = sample
    for row in result.table.drop_nulls("hhi").iter_rows(named=True):
        rows = result.explain(row["technology"]).figure("hhi").rows
        known = [dict(source.values)["share"] for source in rows]
        assert sum(x**2 for x in known if x is not None) == pytest.approx(row["hhi"])
    assert zone.is_sample


def test_explanations_are_in_both_languages_and_plain(
    sample: tuple[Zone, ChokepointsResult],
) -> None:
    _, result = sample
    explanation = result.explain(result.table["technology"][3])
    blocks = json.loads(json.dumps(explanation.as_plain(), ensure_ascii=False))
    for block in blocks:
        assert block["title_zh"]
        assert block["title_en"]
        for line in block["lines"]:
            assert line["zh"]
            assert line["en"]
            assert "{" not in line["zh"] + line["en"]
    assert explanation.as_text("zh") != explanation.as_text("en")
    assert explanation.as_text("en").splitlines()[0] in explanation.as_text()


def test_an_unknown_technology_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInput) as error:
        found(make_zone(technologies=technologies("alpha"))).explain("alpah")
    assert error.value.code == "E206"
    assert "alpha" in error.value.faults[0].hint.en


def test_every_figure_value_is_that_of_the_table(sample: tuple[Zone, ChokepointsResult]) -> None:
    _, result = sample
    numbers = {a.name for a in plan_tables()["chokepoints"].attributes
               if a.kind in (Kind.NUMBER, Kind.SHARE)}  # fmt: skip
    for row in result.table.iter_rows(named=True):
        for figure in result.explain(row["technology"]).figures:
            value = row[figure.columns[0]]
            if figure.columns[0] in numbers and value is not None:
                assert float(figure.value) == pytest.approx(value, rel=1e-3)


def test_no_data_names_the_missing_share_and_what_it_would_take() -> None:
    told = settles(zone_of(share("t", "JPN", None)))
    assert "shares of t in supply" in told
    assert "5% or more" in told


def test_no_data_that_could_never_matter_says_so() -> None:
    links = [link("t", "p", weight=0.01), link("u", "p", weight=0.99, essentiality="essential")]
    links[0]["essentiality"] = "non_essential"
    assert "only 1.0% would be lost" in settles(zone_of(links=links))


def test_a_dead_end_names_the_missing_link() -> None:
    assert "links from u" in settles(zone_of(share("u", "JPN", 1.0)), "u")


def test_thin_evidence_names_the_shares_that_would_do() -> None:
    rows = [share("t", name, 0.5, period=2010) for name in ("JPN", "USA")]
    told = settles(zone_of(rows[0] | {"share": 0.9}, rows[1] | {"share": 0.1}))
    assert "grade D" in told
    assert "since 2018" in told
    assert "a person confirms" in told


def test_a_single_supplier_is_asked_about() -> None:
    assert "a single supplier is listed" in settles(zone_of(share("t", "JPN", 1.0, period=2010)))


def test_unexplained_mass_names_both_outcomes() -> None:
    told = settles(zone_of(share("t", "JPN", 0.5), share("t", "USA", None)))
    assert "who supplies the unexplained 50%" in told


def test_unknown_essentiality_names_the_arrow() -> None:
    links = [link("t", "u"), link("u", "p")]
    links += [link(f"x{i}", "p", essentiality="essential") for i in range(30)]
    zone = make_zone(
        technologies=technologies("t", "u", "p", *(f"x{i}" for i in range(30))),
        links=links,
        supply=[share("t", "JPN", 0.9), share("t", "USA", 0.1)],
    )
    told = settles(zone)
    assert "whether u is essential for p" in told
    assert (
        "whether t is essential for u" not in told
    )  # its only input: essential or not is the same


def test_unknown_member_weights_name_the_category() -> None:
    links = [link(name, "c", "category") for name in ("t", *(f"m{i}" for i in range(30)))]
    zone = make_zone(
        technologies=technologies("t", "c", "p", *(f"m{i}" for i in range(30))),
        links=[*links, link("c", "p", essentiality="essential")],
        supply=[share("t", "JPN", 0.9), share("t", "USA", 0.1)],
    )
    assert "member weights of c" in settles(zone)


def test_a_chokepoint_names_the_relief_that_would_end_it() -> None:
    zone = zone_of(share("t", "JPN", 0.9), share("t", "CHN", 0.1))
    assert "covers more than 38% of the need" in settles(zone)
    share_needed = 1 - 0.5 / 0.81
    relieved = zone_of(
        share("t", "JPN", 0.9), share("t", "CHN", 0.1), second_source=share_needed + 0.01
    )
    assert found(relieved).table.filter(technology="t")["vulnerability"][0] < 0.5


def test_a_safe_technology_tells_its_margin() -> None:
    told = settles(zone_of(share("t", "CHN", 0.9), share("t", "JPN", 0.1)))
    assert "V 0.010 (threshold 0.5)" in told


def test_assumptions_are_told_where_they_are_made() -> None:
    zone = zone_of(share("t", "JPN", 0.9), share("t", "USA", 0.1), links=[link("t", "p")])
    explanation = found(zone, scenario="baseline").explain("t")
    v = " ".join(text.en for text in explanation.figure("vulnerability").assumptions)
    for words in ("R = 0", "SI = 1", "world's shares stand for it", "risk of JPN, USA unknown"):
        assert words in v
    i = " ".join(text.en for text in explanation.figure("impact_mixed").assumptions)
    assert "1 of 1 input links" in i


def test_the_path_of_the_loss_is_told() -> None:
    zone = zone_of(share("t", "JPN", 1.0), links=[link("t", "u"), link("u", "p")])
    steps = [text.en for text in found(zone).explain("t").figure("impact_full").steps]
    assert steps[0].startswith("main path: t -> (assumed non-essential, weight 100.0%) u -> ")


def test_key_columns_identify_the_rows() -> None:
    zone = zone_of(share("t", "JPN", 1.0))
    row = found(zone).explain("t").figure("hhi").rows[0]
    assert tuple(name for name, _ in row.key) == zone_tables()["supply"].key
