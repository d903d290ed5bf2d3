"""How well a holder commands a capability, judged by the texts that show it.

For a holder and a capability, text i shows it with the calibrated chance p_i, is evidence
of a kind with weight w and half-life T, is a_i years old, and counts in the share r_i of
the party's role:

    c_i   = w r_i 2^(-a_i / T)
    s     = sum of c_i p_i                                   expected strength
    level = 1 - exp(-s / s0)                                 diminishing, in [0, 1)

Its ends: S = sum of c_i Z_i with independent Z_i ~ Bernoulli(p_i) has the exact
(Poisson-binomial) distribution on a grid; with its quantiles q at (1 -+ interval) / 2

    low  = 1 - exp(-q_low / s0_high)     high = 1 - exp(-q_high / s0_low)

where each p_i is first moved by the calibration's own error (on the logit), and a text
without a year is taken as very old below and as new above. Texts of one holder with the
same kind and title are one text (an application and its grant), with the largest of each
of its numbers. So a further text never lowers level, low or high, an older one never
raises them, and their order does not matter. No text, no row. Formula and numbers: ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from jicheng.integrate.evidence_rows import same_text
from jicheng.integrate.profile.settings import DERIVED, ProfileSettings
from jicheng.integrate.profile.weights import kind_of, role_shares

__all__ = ["contributions", "level_of", "levels", "strength_quantiles"]

Floats = NDArray[np.float64]
_STEPS = 200  # of the grid for one strength scale
_SATURATED = 6.0  # strengths beyond so many scales give the same level to 0.2 %
_CERTAIN = 1e-12
_DIGITS = 4


def contributions(
    evidence: pl.DataFrame,
    texts: pl.DataFrame,
    parties: pl.DataFrame,
    *,
    year: int,
    errors: Mapping[str, float],
    settings: ProfileSettings,
) -> pl.DataFrame:
    """Return what each piece of evidence adds to a holder's strength.

    Parameters
    ----------
    evidence : DataFrame
        Table ``evidence``; a row without a score was stated by a person and is certain.
    texts : DataFrame
        Table ``texts``.
    parties : DataFrame
        Columns ``text``, ``holder``, ``role``: see
        :func:`jicheng.integrate.profile.holders.holders_of`. A holder who is no party of
        the text was stated by a person and counts in full.
    year : int
        Year from which age is counted; later texts are new.
    errors : mapping of str to float
        Error of the calibration on the logit, >= 0, by the model that a row's source names;
        a row that no profile wrote has none.
    settings : ProfileSettings

    Returns
    -------
    DataFrame
        ``holder``, ``capability``, ``text``, ``kind_of_evidence``, ``weight``, ``share``,
        ``age`` (years; empty = unknown), ``chance``, ``chance_low``, ``chance_high``,
        ``counts_low``, ``counts``, ``counts_high`` (the c of the text), ``sentence``;
        sorted by holder, capability and text.
    """
    shares = pl.DataFrame(
        {"role": list(role_shares()), "share": list(role_shares().values())},
        schema={"role": pl.String, "share": pl.Float64},
    )
    best = parties.join(shares, on="role").group_by("text", "holder").agg(pl.col("share").max())
    known = [kind_of(*row) for row in texts.select("kind", "number").iter_rows()]
    told = texts.select(
        pl.col("id").alias("text"),
        same_text().alias("same"),
        pl.Series("kind_of_evidence", [one.id for one in known], pl.String),
        pl.Series("weight", [one.weight for one in known], pl.Float64),
        pl.Series("half_life", [one.half_life for one in known], pl.Float64),
        (year - pl.col("period")).clip(lower_bound=0).cast(pl.Float64).alias("age"),
    )
    ages = pl.col("age") / pl.col("half_life")
    counts = pl.col("weight") * pl.col("share")
    return (
        evidence.select(
            "holder", "capability", "text", pl.col("score").fill_null(1.0), "sentence",
            moved=_z(settings) * _error(errors),
        )
        .join(told, on="text", how="inner")
        .join(best, on=["text", "holder"], how="left")
        .with_columns(pl.col("share").fill_null(1.0))
        .with_columns(
            chance=pl.col("score"),
            chance_low=_moved(pl.col("score"), -pl.col("moved")),
            chance_high=_moved(pl.col("score"), pl.col("moved")),
            counts_low=counts * 0.5 ** ages.fill_null(settings.unknown_age_most),
            counts=counts * 0.5 ** ages.fill_null(settings.unknown_age),
            counts_high=counts * 0.5 ** ages.fill_null(0.0),
        )
        .drop("score", "half_life", "moved")
        .sort("holder", "capability", "text")
    )  # fmt: skip


def _z(settings: ProfileSettings) -> float:
    return float(ndtri((1.0 + settings.interval) / 2.0))


def _error(errors: Mapping[str, float]) -> pl.Expr:
    model = pl.col("source").str.extract(rf"^{re.escape(DERIVED)}\.([\w+]+)")
    return model.replace_strict(dict(errors), default=0.0, return_dtype=pl.Float64).fill_null(0.0)


def _moved(chance: pl.Expr, by: pl.Expr) -> pl.Expr:
    """Move a chance on the logit; 0 and 1 stay what they are."""
    return chance / (chance + (1.0 - chance) * (-by).exp())


def levels(counted: pl.DataFrame, settings: ProfileSettings) -> pl.DataFrame:
    """Return the level of every holder in every capability for which there is evidence.

    Parameters
    ----------
    counted : DataFrame
        As returned by :func:`contributions`.
    settings : ProfileSettings

    Returns
    -------
    DataFrame
        ``holder``, ``capability``, ``level``, ``level_low``, ``level_high``, ``texts``
        (how many), sorted by holder and capability; low <= level <= high.
    """
    key = ["holder", "capability"]
    numbers = ["chance", "chance_low", "chance_high", "counts_low", "counts", "counts_high"]
    merged = counted.group_by(*key, pl.col("same").fill_null(pl.col("text"))).agg(
        pl.col(numbers).max(), pl.len().alias("texts")
    )
    merged = merged.sort(*key, *numbers)  # the order in which chances are multiplied is told
    grouped = merged.group_by(key, maintain_order=True).agg(pl.col(numbers), pl.col("texts").sum())
    made = [
        level_of(
            np.array([row["chance_low"], row["chance"], row["chance_high"]]),
            np.array([row["counts_low"], row["counts"], row["counts_high"]]),
            settings,
        )
        for row in grouped.iter_rows(named=True)
    ]
    ends = ("level_low", "level", "level_high")
    told = pl.DataFrame(made, schema=dict.fromkeys(ends, pl.Float64), orient="row")
    return pl.concat([grouped.select(*key, "texts"), told], how="horizontal").select(
        *key, "level", "level_low", "level_high", "texts"
    )


def level_of(chances: Floats, counts: Floats, settings: ProfileSettings) -> tuple[float, ...]:
    """Return the low end, the level and the high end for some texts.

    Parameters
    ----------
    chances : ndarray of float64, shape (3, n)
        Chance that each text shows the capability: low, calibrated, high.
    counts : ndarray of float64, shape (3, n)
        What it adds if it does: at the least, as expected, at the most.
    settings : ProfileSettings
    """
    scale, low, high = (
        settings.strength_scale, settings.strength_scale_low, settings.strength_scale_high
    )  # fmt: skip
    tail = (1.0 - settings.interval) / 2.0
    least = strength_quantiles(chances[0], counts[0], (tail,), settings)[0]
    most = strength_quantiles(chances[2], counts[2], (1.0 - tail,), settings)[0]
    level = -math.expm1(-math.fsum(chances[1] * counts[1]) / scale)
    low_end = min(level, -math.expm1(-least / high))
    high_end = max(level, -math.expm1(-most / low))
    shown = 10.0**-_DIGITS  # a text, however old, is not the same as none
    return (
        round(low_end, _DIGITS),
        max(shown, round(level, _DIGITS)),
        max(shown, round(high_end, _DIGITS)),
    )


def strength_quantiles(
    chances: Floats, counts: Floats, at: tuple[float, ...], settings: ProfileSettings
) -> tuple[float, ...]:
    """Return quantiles of the sum of what the texts add, each with its own chance.

    Parameters
    ----------
    chances, counts : ndarray of float64, shape (n,)
        Chance of each text, and what it adds if it shows the capability.
    at : tuple of float
        Probabilities, each in (0, 1).
    settings : ProfileSettings

    Notes
    -----
    Exact on a grid of 1/200 of the strength scale, to which each count is rounded, so the
    quantile never falls when a text is added or counts more. Strengths beyond six scales
    are put together: there a level no longer changes. O(n x 1,800).
    """
    step = settings.strength_scale / _STEPS
    last = int(_SATURATED * settings.strength_scale_high / step)
    places = np.minimum(np.rint(counts / step), last).astype(np.intp)
    mass = np.zeros(last + 1)
    mass[0] = 1.0
    for chance, place in zip(chances, places, strict=True):
        if place == 0:
            continue
        moved = np.zeros_like(mass)
        moved[place:] = mass[: last + 1 - place]
        moved[last] += mass[last + 1 - place :].sum()
        mass = (1.0 - chance) * mass + chance * moved
    reached = np.cumsum(mass)
    return tuple(step * min(last, int(np.searchsorted(reached, q - _CERTAIN))) for q in at)
