"""Who sells to whom, and who has worked with whom.

Sales: each firm buys from six suppliers on average, mostly of its own chain, from
larger firms more often; amounts are lognormal and a firm's sales in the zone stay
below its revenue. Ties: joint patents, papers, projects and holdings, mostly inside
a chain; the members of planted consortia, and teams and their heads, know one another.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.consortia import Consortia
from jicheng.sample.firms import Firms
from jicheng.sample.frames import PERIOD, table_of
from jicheng.sample.organisations import ZONE, Organisations
from jicheng.sample.people import People
from jicheng.sample.streams import stream

__all__ = ["sales_table", "ties_table"]

_SUPPLIERS = 6.5  # mean number of suppliers of a firm
_SAME_CHAIN = 0.65
_TIES = 3.0  # mean number of ties that a holder of capabilities starts
_TIE_KINDS = {"project": 0.45, "co_patent": 0.3, "co_author": 0.17, "ownership": 0.08}
_KNOWN = 0.5  # chance that two members of a planted consortium have a tie


def sales_table(organisations: Organisations, firms: Firms, seed: int) -> pl.DataFrame:
    """Return the table ``sales`` of the last year, in 10,000 yuan (stream ``sales``)."""
    rng = stream(seed, "sales")
    inside = (organisations.table["kind"] == "firm") & (organisations.table["zone"] == ZONE)
    chain = organisations.chain.filter(inside.fill_null(value=False)).fill_null("").to_numpy()
    n = len(firms.ids)
    buyer = np.repeat(np.arange(n), rng.poisson(_SUPPLIERS, n))
    supplier = _drawn(chain, chain[buyer], np.sqrt(firms.revenue), rng)
    pairs = np.unique(np.stack([supplier, buyer])[:, supplier != buyer], axis=1)
    supplier, buyer = pairs
    size = rng.lognormal(0.0, 1.2, supplier.size) * firms.revenue[buyer] ** 0.3
    sold = rng.uniform(0.1, 0.6, n)[supplier] * firms.revenue[supplier]
    amount = sold * size / np.bincount(supplier, size, minlength=n)[supplier]
    return table_of("sales", {
        "supplier": firms.ids.gather(supplier),
        "buyer": firms.ids.gather(buyer),
        "amount": np.maximum(np.round(amount / 1e4, 2), 0.01),
        "period": np.full(supplier.size, PERIOD),
    })  # fmt: skip


def _drawn(
    chain: NDArray[np.str_], wanted: NDArray[np.str_], pull: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.intp]:  # fmt: skip
    """Draw one position for each entry of ``wanted``, mostly of that chain, by pull."""
    total = np.cumsum(pull)
    chosen = np.searchsorted(total, rng.random(wanted.size) * total[-1], side="right")
    stays = rng.random(wanted.size) < _SAME_CHAIN
    for name in np.unique(chain):
        pool = np.flatnonzero(chain == name)
        within = np.cumsum(pull[pool])
        at = np.flatnonzero(stays & (wanted == name))
        where = np.searchsorted(within, rng.random(at.size) * within[-1], side="right")
        chosen[at] = pool[np.minimum(where, pool.size - 1)]
    drawn: NDArray[np.intp] = np.minimum(chosen, pull.size - 1)
    return drawn


def ties_table(
    organisations: Organisations,
    people: People,
    holdings: pl.DataFrame,
    consortia: Consortia,
    seed: int,
) -> pl.DataFrame:
    """Return the table ``ties`` (stream ``ties``); ``a`` sorts before ``b``."""
    rng = stream(seed, "ties")
    counts = holdings.group_by("holder").agg(pl.len().alias("n"))
    table = organisations.table.select("id").with_columns(organisations.chain)
    holders = table.join(
        counts, left_on="id", right_on="holder", how="inner", maintain_order="left"
    )
    chain = holders["chain"].fill_null("").to_numpy()
    a = np.repeat(np.arange(holders.height), rng.poisson(_TIES, holders.height))
    b = _drawn(chain, chain[a], holders["n"].to_numpy().astype(np.float64), rng)
    drawn = pl.DataFrame({
        "a": holders["id"].gather(a),
        "b": holders["id"].gather(b),
        "kind": rng.choice(list(_TIE_KINDS), a.size, p=list(_TIE_KINDS.values())),
        "weight": np.round(rng.uniform(0.2, 1.0, a.size), 2),
        "period": rng.integers(PERIOD - 5, PERIOD + 1, a.size),
    })  # fmt: skip
    known = [
        (one, other, "project", 0.8, PERIOD - 1)
        for members in consortia.members.values()
        for one, other in combinations(members, 2)
        if rng.random() < _KNOWN
    ]
    known += [(team, person, "project", 1.0, PERIOD) for team, person in people.heads.iter_rows()]
    every = pl.concat([drawn, pl.DataFrame(known, schema=drawn.schema, orient="row")])
    ordered = every.filter(pl.col("a") != pl.col("b")).with_columns(
        a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b")
    )
    return table_of("ties", ordered.unique(["a", "b", "kind"], keep="first", maintain_order=True))
