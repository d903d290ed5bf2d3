"""People of the sample: persons and the teams they lead, with levels of talent."""

from __future__ import annotations

import numpy as np
import polars as pl

from jicheng.sample.frames import number_ids, table_of
from jicheng.sample.names import person_names
from jicheng.sample.organisations import Organisations
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["people_table"]

_LEVELS = {"院士": 0.1, "国家级领军人才": 0.2, "省级领军人才": 0.3, "市级高层次人才": 0.4}
_TEAMS = ("创新创业团队", "产业领军人才团队")


def people_table(organisations: Organisations, scale: Scale, seed: int) -> pl.DataFrame:
    """Return the table ``people`` (stream ``people``): persons first, then teams.

    Persons and teams work in institutes, platforms, universities and in firms that
    are not micro.
    """
    rng = stream(seed, "people")
    table = organisations.table
    is_host = pl.col("zone").is_not_null() & (
        pl.col("kind").is_in(["institute", "platform", "university"])
        | ((pl.col("kind") == "firm") & (pl.col("size") != "micro"))
    )
    hosts = table.filter(is_host).select("id", "name", "name_en", "kind", "capacity")
    weight = hosts["capacity"].to_numpy() * np.where(hosts["kind"] == "firm", 1.0, 6.0)
    n = scale.n_people
    at = rng.choice(hosts.height, n + scale.n_teams, p=weight / weight.sum())
    persons = person_names(n, rng).with_columns(
        pl.Series("level", rng.choice(list(_LEVELS), n, p=list(_LEVELS.values()))),
        kind=pl.lit("person"),
    )
    heads = persons[rng.choice(n, scale.n_teams, replace=False)]
    titles = np.array(_TEAMS)[rng.integers(0, len(_TEAMS), scale.n_teams)]
    teams = heads.select(
        name=pl.concat_str("name", pl.lit(titles)),
        name_en=pl.concat_str("name_en", pl.lit("'s team")),
        level=pl.lit("省级团队"),
        kind=pl.lit("team"),
    )
    frame = pl.concat([persons, teams], how="diagonal")
    return table_of(
        "people",
        frame.with_columns(
            number_ids("person", frame.height), pl.Series("organisation", hosts["id"].gather(at))
        ),
    )
