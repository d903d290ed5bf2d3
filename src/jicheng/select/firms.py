"""Which firms the zone's supply network depends on: systemic risk of each firm.

A firm is assumed to stop; the loss travels to its buyers, who lack its goods, and to
its suppliers, who lack its orders (Diem et al. 2022, Sci Rep 12:7719). The zone holds
no table of which industry is essential to which, so every supplier counts as not
essential (the linear variant) unless a matrix is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from jicheng.conform import empty_frame
from jicheng.errors import Fault, InvalidInput, MissingData, fault
from jicheng.kernel.cascade import systemic_risk
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["Essentiality", "FirmsResult", "FirmsSettings", "systemic_firms"]

_NOT_ESSENTIAL = 1
_REVENUE = "revenue"
_IN_WAN = {"CNY": 1e-4, "yuan": 1e-4, "元": 1e-4, "wan": 1.0, "万元": 1.0}


@dataclass(frozen=True, slots=True)
class FirmsSettings:
    """How the systemic risk of firms is computed.

    Attributes
    ----------
    n_firms : int
        Firms that are stopped one at a time: those with the largest sales.
    replaceable : bool
        Whether firms of the same industry stand in for one another by market share.
    tolerance : float
        A cascade ends when no level falls by more in a step.
    """

    n_firms: int = 200
    replaceable: bool = False
    tolerance: float = 1e-2


@dataclass(frozen=True, slots=True)
class Essentiality:
    """How essential an industry is as a supplier of another, by label.

    Attributes
    ----------
    industries : tuple of str
        Labels of both axes.
    matrix : ndarray, shape (m, m)
        ``[k, l]``: 2 = k is essential to l, 1 = not essential, 0 = irrelevant.
    """

    industries: tuple[str, ...]
    matrix: NDArray[np.int64]


@dataclass(frozen=True)
class FirmsResult:
    """Systemic risk of the firms with the largest sales.

    Attributes
    ----------
    table : polars.DataFrame
        As ``schema/plan/firms.csv`` says; largest loss first.
    n_firms_in_network : int
        Firms that trade with any other.
    settings : FirmsSettings
    warnings : tuple of Fault
    """

    table: pl.DataFrame
    n_firms_in_network: int
    settings: FirmsSettings
    warnings: tuple[Fault, ...]


def systemic_firms(
    zone: Zone,
    settings: FirmsSettings | None = None,
    *,
    essentiality: Essentiality | None = None,
) -> FirmsResult:
    """Stop the firms with the largest sales one at a time and rank the losses.

    Parameters
    ----------
    zone : Zone
        ``sales`` (the newest period) and ``organisations`` (industry) are read, and the
        indicator ``revenue`` where it is there.
    settings : FirmsSettings, optional
    essentiality : Essentiality, optional
        Matrix between industries; default: no supplier is essential.

    Raises
    ------
    MissingData
        E230 without sales above zero.
    InvalidInput
        E231 if a firm's industry is not among the matrix's labels.

    Notes
    -----
    Sales are counted in a unit of which every seller sells at least one. No result
    depends on it, but for the published rule that a market with nothing left to sell
    counts as one unit: with smaller sales a replaceable supplier could swing for ever.
    """
    settings = settings or FirmsSettings()
    sales = zone["sales"].filter(pl.col("amount") > 0)
    if sales.is_empty():
        raise MissingData.of("E230")
    sales = sales.filter(pl.col("period").fill_null(0) == _newest(sales))
    names = pl.concat([sales["supplier"], sales["buyer"]]).unique().sort().to_list()
    matrix = _matrix(sales, names)
    industry, table = _industries(zone, names, essentiality)
    revenue, warnings = _revenue(zone, names)
    sold = np.asarray(matrix.sum(axis=1)).ravel()
    unit = min(1.0, sold[sold > 0].min())
    order = np.lexsort((np.arange(len(names)), -sold))
    stopped = np.sort(order[: settings.n_firms])
    risk = systemic_risk(
        matrix / unit,
        industry,
        table,
        replaceable=settings.replaceable,
        tolerance=settings.tolerance,
        revenue=None if revenue is None else revenue / unit,
        firms=stopped,
    )
    frame = pl.DataFrame(
        {
            "organisation": [names[i] for i in stopped],
            "sales": sold[stopped],
            "total": risk.total,
            "downstream": risk.downstream,
            "upstream": risk.upstream,
            "iterations": risk.iterations,
        }
    )
    return FirmsResult(_table(zone, frame), len(names), settings, warnings)


def _newest(sales: pl.DataFrame) -> int:
    return int(sales["period"].fill_null(0).to_numpy().max())


def _matrix(sales: pl.DataFrame, names: list[str]) -> sparse.csr_array:
    position = {name: i for i, name in enumerate(names)}
    rows, columns = (
        sales[column].replace_strict(position, return_dtype=pl.Int64).to_numpy()
        for column in ("supplier", "buyer")
    )
    shape = (len(names), len(names))
    return sparse.csr_array((sales["amount"].to_numpy(), (rows, columns)), shape=shape)


def _industries(
    zone: Zone, names: list[str], essentiality: Essentiality | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each firm's industry, aligned by label, and the matrix between them."""
    organisations = zone["organisations"]
    stated = dict(zip(organisations["id"], organisations["industry"], strict=True))
    labels = [stated.get(name) or "" for name in names]
    if essentiality is None:
        known = sorted(set(labels))
        matrix = np.full((len(known), len(known)), _NOT_ESSENTIAL, dtype=np.int64)
    else:
        known, matrix = list(essentiality.industries), essentiality.matrix
    code = {label: k for k, label in enumerate(known)}
    unknown = sorted({label for label in labels if label not in code})
    if unknown:
        shown = ", ".join(label or "—" for label in unknown[:10])
        raise InvalidInput.of("E231", industries=shown, count=len(unknown))
    return np.array([code[label] for label in labels], dtype=np.int64), matrix


def _revenue(zone: Zone, names: list[str]) -> tuple[NDArray[np.float64] | None, tuple[Fault, ...]]:
    """Return revenue in 10,000 of the currency (nan = unknown), or None without any."""
    rows = zone["indicators"].filter(
        (pl.col("indicator") == _REVENUE)
        & pl.col("value").is_not_null()
        & (pl.col("value") >= 0)
        & pl.col("unit").is_in(list(_IN_WAN))
    )
    if rows.is_empty():
        return None, (fault("E232", is_warning=True),)
    newest = rows.sort("period").unique("subject", keep="last")
    factor = pl.col("unit").replace_strict(_IN_WAN, return_dtype=pl.Float64)
    scaled = newest.select("subject", pl.col("value") * factor)
    known = dict(scaled.iter_rows())
    return np.array([known.get(name, np.nan) for name in names], dtype=np.float64), ()


def _table(zone: Zone, frame: pl.DataFrame) -> pl.DataFrame:
    about = zone["organisations"].select(
        pl.col("id").alias("organisation"), "name", "name_en", "industry", "zone"
    )
    ranked = frame.join(about, on="organisation", how="left").with_columns(
        pl.col("total").rank("min", descending=True).cast(pl.Int64).alias("rank")
    )
    schema = empty_frame(plan_tables()["firms"]).schema
    return ranked.select(schema.names()).cast(schema).sort("rank", "organisation")
