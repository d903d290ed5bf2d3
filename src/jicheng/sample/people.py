"""People of the sample: persons and the teams they lead, with levels of talent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.sample.frames import number_ids, table_of
from jicheng.sample.names import person_names
from jicheng.sample.organisations import Organisations
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["People", "people"]

_LEVELS = {"院士": 0.1, "国家级领军人才": 0.2, "省级领军人才": 0.3, "市级高层次人才": 0.4}
_TEAMS = ("创新创业团队", "产业领军人才团队")


@dataclass(frozen=True)
class People:
    """The table ``people``, and who heads which team.

    ``heads`` has the columns team and person, both ids.
    """

    table: pl.DataFrame
    heads: pl.DataFrame


def people(organisations: Organisations, scale: Scale, seed: int) -> People:
    """Draw persons and teams (stream ``people``).

    They work in institutes, platforms, universities and in firms that are not micro;
    a team where its head does.
    """
    rng = stream(seed, "people")
    is_host = pl.col("zone").is_not_null() & (
        pl.col("kind").is_in(["institute", "platform", "university"])
        | ((pl.col("kind") == "firm") & (pl.col("size") != "micro"))
    )
    hosts = organisations.table.filter(is_host).select("id", "kind", "capacity")
    weight = hosts["capacity"].to_numpy() * np.where(hosts["kind"] == "firm", 1.0, 6.0)
    n = scale.n_people
    persons = person_names(n, rng).with_columns(
        number_ids("person", n),
        hosts["id"]
        .gather(rng.choice(hosts.height, n, p=weight / weight.sum()))
        .alias("organisation"),
        pl.Series("level", rng.choice(list(_LEVELS), n, p=list(_LEVELS.values()))),
        kind=pl.lit("person"),
    )
    heads = persons[np.sort(rng.choice(n, scale.n_teams, replace=False))]
    titles = pl.Series(rng.choice(_TEAMS, scale.n_teams))
    teams = heads.select(
        "organisation",
        number_ids("team", scale.n_teams),
        name=pl.concat_str("name", titles),
        name_en=pl.concat_str("name_en", pl.lit("'s team")),
        level=pl.lit("省级团队"),
        kind=pl.lit("team"),
    )
    return People(
        table_of("people", pl.concat([persons, teams], how="diagonal")),
        pl.DataFrame({"team": teams["id"], "person": heads["id"]}),
    )
