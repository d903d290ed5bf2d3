"""A made-up zone with a planted truth: to try the product, and to test it.

The zone is modelled on the figures of the paper; every name and figure is invented
and every row says ``sample``. Chokepoints are planted by taking suppliers and holders
of capabilities away, so that one can ask whether an analysis finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from jicheng.errors import InvalidInput
from jicheng.sample.chains import Chains
from jicheng.sample.challenges import (
    challenges_table,
    conditions_table,
    facilities_table,
    milestones_table,
    policies_table,
    purses_table,
)
from jicheng.sample.consortia import Consortia, needs_table, plant_consortia
from jicheng.sample.firms import firms_in_figures
from jicheng.sample.frames import AS_OF, PERIOD, table_of
from jicheng.sample.holdings import drawn_holdings, holdings_table
from jicheng.sample.indicators import indicators_table
from jicheng.sample.network import sales_table, ties_table
from jicheng.sample.organisations import ZONE, Organisations, organisations, sites_table
from jicheng.sample.people import people
from jicheng.sample.planting import HOME, plant
from jicheng.sample.rule_facts import rule_facts, with_meant_titles
from jicheng.sample.scales import Scale, scale_of
from jicheng.sample.supply import restrictions_table, supply_table, technologies_table
from jicheng.sample.texts import texts_tables
from jicheng.sample.titles import qualifications_table
from jicheng.sample.truth import Recovery, Truth, truth_of
from jicheng.zone import Source, Zone

__all__ = ["Recovery", "Sample", "Truth", "generate", "write"]

TRUTH_SUFFIX = ".truth"
"""What the name of the folder with the truth adds to that of the zone."""


@dataclass(frozen=True)
class Sample:
    """A sample zone and the truth that was planted in it."""

    zone: Zone
    truth: Truth


def generate(*, scale: str, seed: int) -> Sample:
    """Make a sample zone.

    Parameters
    ----------
    scale : {"small", "zone"}
        ``small``: three chains and 300 firms, in a second; ``zone``: seven chains,
        200 technologies and 40,000 firms, as in the paper.
    seed : int
        At least 0. Equal arguments give equal tables, bit for bit; streams are PCG64,
        one a subject (:mod:`jicheng.sample.streams`).

    Raises
    ------
    InvalidInput
        E701 if there is no such scale, E702 if the seed is negative.
    """
    size = scale_of(scale)
    if seed < 0:
        raise InvalidInput.of("E702", seed=seed)
    chains = Chains.of(size)
    planting = plant(chains, size, seed)
    bodies = organisations(chains, size, seed)
    needs = needs_table(chains, seed)
    consortia = plant_consortia(chains, planting, bodies, needs, seed)
    challenges = challenges_table(chains, planting, consortia, bodies, seed)
    supply = supply_table(chains, planting, bodies, size, seed)
    tables = {
        "zones": _zones_table(),
        **_who(chains, bodies, consortia, size, seed),
        "technologies": technologies_table(chains, planting, supply, seed),
        "links": table_of("links", chains.links),
        "supply": supply,
        "restrictions": restrictions_table(planting, seed),
        "capabilities": table_of("capabilities", chains.capabilities),
        "needs": needs,
        "sites": sites_table(),
        "policies": policies_table(chains),
        "purses": purses_table(chains, size),
        "challenges": challenges,
        "milestones": milestones_table(challenges),
        "conditions": conditions_table(chains, planting),
    }
    tables |= texts_tables(tables, chains, consortia.scarce, size, seed)
    source = Source(
        title=f"示例数据，虚构生成，种子 {seed} / sample, generated, seed {seed}",
        licence="Apache-2.0",
        retrieved=AS_OF.isoformat(),
        tables=tuple(tables),
    )
    truth = truth_of(chains, planting, consortia, scale=scale, seed=seed)
    return Sample(Zone(tables, (source,)), truth)


def _who(
    chains: Chains, bodies: Organisations, consortia: Consortia, size: Scale, seed: int
) -> dict[str, pl.DataFrame]:
    """Return the tables about organisations and people."""
    persons = people(bodies, size, seed)
    seats = dict(zip(bodies.table["id"], bodies.table["zone"].is_not_null(), strict=True))
    seats |= {name: seats[at] for name, at in persons.table.select("id", "organisation").rows()}
    holdings = holdings_table(
        drawn_holdings(chains, bodies, persons.table, seed),
        consortia.given,
        consortia.scarce,
        seats,
    )
    firms = firms_in_figures(bodies.table, seed)
    titles = qualifications_table(firms, bodies.table, size, seed)
    meant = with_meant_titles(firms, titles, seed)
    facts = rule_facts(meant, bodies.table, titles, seed)
    asked = titles.filter(pl.col("kind") != "tech_sme")["holder"].unique()
    return {
        "organisations": bodies.table,
        "sales": sales_table(bodies, firms, seed),
        "qualifications": titles,
        "indicators": indicators_table(meant, facts, asked, seed),
        "people": persons.table,
        "holdings": holdings,
        "ties": ties_table(bodies, persons, holdings, consortia, seed),
        "facilities": facilities_table(bodies, size, seed),
    }


def _zones_table() -> pl.DataFrame:
    return table_of("zones", {
        "id": [ZONE], "name": ["示例高新区"], "name_en": ["Sample High-tech Zone"],
        "home": [HOME], "period": [PERIOD], "is_sample": [True],
    })  # fmt: skip


def write(sample: Sample, directory: str | Path) -> None:
    """Write the zone as a data package, and the truth in a folder beside it.

    The truth goes to ``<directory>.truth``, so that the package holds a zone and
    nothing else, and no stage can read what it is to find. At the scale of a zone,
    with its two million indicators, tables are Parquet; else CSV.
    """
    target = Path(directory)
    truth = sample.truth
    sample.zone.save(target, form="parquet" if truth.scale == "zone" else "csv")
    folder = target.with_name(target.name + TRUTH_SUFFIX)
    folder.mkdir(exist_ok=True)
    (folder / "README.txt").write_text(
        "示例数据的预设事实，仅用于检验分析结果，任何分析都不读取本目录。\n"
        "What was planted in the sample, to check an analysis with; no analysis reads it.\n"
        f"scale={truth.scale} seed={truth.seed}\n",
        encoding="utf-8",
    )
    for name in ("technologies", "challenges", "pairs"):
        getattr(truth, name).write_csv(folder / f"planted_{name}.csv")
