"""Organisations of the sample: firms, institutes, platforms, universities and others.

Ids are numbered in a fixed order of kinds, so that an organisation keeps its id when
another kind grows. Sites lie in made-up places near longitude and latitude 0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.chains import Chains
from jicheng.sample.codes import credit_codes
from jicheng.sample.frames import PERIOD, data, number_ids, table_of
from jicheng.sample.names import firm_names, part
from jicheng.sample.planting import HOME
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["ZONE", "Organisations", "organisations", "sites_table"]

ZONE = "zone:sample"
"""Id of the sample zone."""

_SIZES = {"large": 0.008, "medium": 0.04, "small": 0.35, "micro": 0.602}
_LIFE = "生物医药"
_SHIFT = 15_485_863  # prime: spreads organisation codes over all eight digits


@dataclass(frozen=True)
class Organisations:
    """The table ``organisations`` and what the table does not say.

    ``chain`` (empty for services) and ``technology`` (what an institute or platform
    works on, empty for others) are aligned with the rows of ``table``.
    """

    table: pl.DataFrame
    chain: pl.Series
    technology: pl.Series


def sites_table() -> pl.DataFrame:
    """Return the table ``sites``: three cities and one island, in made-up places."""
    sites = data("sites")
    shapes = [
        json.dumps({"type": "Polygon", "coordinates": [_ring(*row)]}, separators=(",", ":"))
        for row in sites.select(
            "longitude", "latitude", "radius_longitude", "radius_latitude"
        ).iter_rows()
    ]
    return table_of("sites", sites.with_columns(pl.Series("geometry", shapes), crs=pl.lit("WGS84")))


def _ring(longitude: float, latitude: float, wide: float, high: float) -> list[list[float]]:
    angles = np.linspace(0.0, 2.0 * np.pi, 13)[:-1]
    points = [
        [round(longitude + wide * np.cos(a), 5), round(latitude + high * np.sin(a), 5)]
        for a in angles
    ]
    return [*points, points[0]]


def organisations(chains: Chains, scale: Scale, seed: int) -> Organisations:
    """Make all organisations of a scale (streams ``firms``, ``institutes``, ``others``)."""
    parts = [
        _firms(scale, seed),
        _institutes(chains, scale, seed),
        _public_bodies(scale, seed),
        _outside(scale, seed),
    ]
    frame = pl.concat(parts, how="diagonal")
    numbers = np.arange(1, frame.height + 1, dtype=np.int64)
    frame = frame.with_columns(
        number_ids("org", frame.height), _codes(frame["kind"], frame["country"], numbers)
    )
    return Organisations(table_of("organisations", frame), frame["chain"], frame["technology"])


def _codes(kind: pl.Series, country: pl.Series, numbers: NDArray[np.int64]) -> pl.Series:
    """Return credit codes for all but foreign organisations."""
    spread = numbers * _SHIFT % 10**8
    codes = pl.DataFrame({
        "enterprise": credit_codes(spread, "91"),
        "institution": credit_codes(spread, "12"),
        "agency": credit_codes(spread, "11"),
        "kind": kind,
        "country": country,
    })  # fmt: skip
    return codes.select(
        credit_code=pl.when(pl.col("country") == HOME).then(
            pl.when(pl.col("kind").is_in(["firm", "investor"]))
            .then("enterprise")
            .when(pl.col("kind") == "agency")
            .then("agency")
            .otherwise("institution")
        )
    )["credit_code"]


def _firms(scale: Scale, seed: int) -> pl.DataFrame:
    rng = stream(seed, "firms")
    n = scale.n_firms
    lines = _lines(scale, n, rng)
    size = rng.choice(list(_SIZES), n, p=list(_SIZES.values()))
    size = _with_leaders(size, lines["chain"], rng)
    is_big = np.isin(size, ["large", "medium"])
    age = np.minimum(rng.exponential(np.where(is_big, 14.0, 7.0)).astype(np.int64), 30)
    founded = PERIOD - np.maximum(age, np.where(is_big, 4, 0))
    stage = np.where(
        founded >= PERIOD - 4, "初创期", np.where(is_big | (age >= 12), "稳定期", "成长期")
    )
    names = firm_names(lines, size == "large", rng)
    base = np.select(
        [size == "large", size == "medium", size == "small"], [140.0, 80.0, 40.0], 20.0
    )
    placed = _places(lines["chain"], rng)
    return names.with_columns(
        *placed.get_columns(),
        lines["chain"],
        lines["field"],
        lines["code"].cast(pl.String).alias("industry"),
        pl.Series("size", size),
        pl.Series("stage", stage),
        pl.Series("founded", founded),
        pl.Series("capacity", rng.integers(1, 3, n) + (size == "large")),
        pl.Series("cost", np.round(base * rng.lognormal(0.0, 0.5, n), 1)),
        pl.Series("may_lead", is_big & (rng.random(n) < 0.8)),
        kind=pl.lit("firm"),
        country=pl.lit(HOME),
        region=pl.lit("岭湾市"),
        zone=pl.lit(ZONE),
    )


def _lines(scale: Scale, n: int, rng: np.random.Generator) -> pl.DataFrame:
    """Draw the industry of each firm; a small zone has the industries of its chains."""
    industries = data("industries")
    if not scale.whole_chains:
        kept = ["集成电路", "新能源汽车", "低空经济"]
        industries = industries.filter(pl.col("chain").is_null() | pl.col("chain").is_in(kept))
    weight = industries["weight"].to_numpy().astype(np.float64)
    return industries[rng.choice(industries.height, n, p=weight / weight.sum())]


def _with_leaders(
    size: NDArray[np.str_], chain: pl.Series, rng: np.random.Generator
) -> NDArray[np.str_]:
    """Make sure that every chain has eight medium or large firms to lead."""
    for name in chain.drop_nulls().unique(maintain_order=True):
        at = np.flatnonzero((chain == name).fill_null(value=False).to_numpy())
        lacking = 8 - int(np.isin(size[at], ["large", "medium"]).sum())
        small = at[~np.isin(size[at], ["large", "medium"])]
        for i in rng.permutation(small)[: max(0, lacking)]:
            size[i] = "medium"
    return size


def _places(chain: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    """Draw site and position: life science gathers on the island."""
    sites = data("sites")
    n = len(chain)
    is_life = (chain == _LIFE).fill_null(value=False).to_numpy()
    draws = rng.random(n)
    bounds = [sites[name].cum_sum().to_numpy() for name in ("weight", "weight_life")]
    general, life = (np.searchsorted(b / b[-1], draws, side="right") for b in bounds)
    at = np.minimum(np.where(is_life, life, general), sites.height - 1)
    radius, angle = np.sqrt(rng.random(n)), rng.random(n) * 2.0 * np.pi
    east = radius * np.cos(angle) * sites["radius_longitude"].to_numpy()[at]
    north = radius * np.sin(angle) * sites["radius_latitude"].to_numpy()[at]
    return pl.DataFrame({
        "site": sites["id"].to_numpy()[at],
        "longitude": np.round(sites["longitude"].to_numpy()[at] + east, 5),
        "latitude": np.round(sites["latitude"].to_numpy()[at] + north, 5),
    })  # fmt: skip


def _institutes(chains: Chains, scale: Scale, seed: int) -> pl.DataFrame:
    """Make institutes named after technologies, and platforms in tiers 2, 3 and N."""
    rng = stream(seed, "institutes")
    topics = chains.technologies.filter(~pl.col("id").is_in(list(chains.values)))
    kinds = part("institute_kind")
    region, region_en = part("region")[0]
    grid = [(t, k) for k in range(len(kinds)) for t in rng.permutation(topics.height).tolist()]
    rows = [
        {
            "name": region + topics["name"][t] + kinds[k][0],
            "name_en": f"{region_en} {_title(topics['name_en'][t])} {kinds[k][1]}",
            "kind": "institute",
            "tier": "省级高水平创新研究院" if i < scale.n_provincial else "新型研发机构",
            "chain": topics["chain"][t],
            "technology": topics["id"][t],
        }
        for i, (t, k) in enumerate(grid[: scale.n_institutes])
    ]
    flagship = [(zh, en, "2") for zh, en in part("platform_flagship")]
    flagship += [(zh, en, "3") for zh, en in part("platform_facility")]
    rows += [{"name": zh, "name_en": en, "kind": "platform", "tier": t} for zh, en, t in flagship]
    for t in rng.permutation(topics.height).tolist()[: scale.n_platforms - len(flagship)]:
        rows.append({
            "name": f"{region}{topics['name'][t]}中试验证平台",
            "name_en": f"{region_en} {_title(topics['name_en'][t])} Pilot Platform",
            "kind": "platform", "tier": "N",
            "chain": topics["chain"][t], "technology": topics["id"][t],
        })  # fmt: skip
    frame = pl.DataFrame(rows, infer_schema_length=None)
    n = frame.height
    placed = _places(frame["chain"], rng)
    return frame.with_columns(
        *placed.get_columns(),
        pl.Series("founded", rng.integers(2002, PERIOD + 1, n)),
        pl.Series("capacity", rng.integers(2, 5, n)),
        pl.Series("cost", np.round(60.0 * rng.lognormal(0.0, 0.4, n), 1)),
        country=pl.lit(HOME),
        region=pl.lit("岭湾市"),
        zone=pl.lit(ZONE),
    )


def _title(name: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in name.split())


def _public_bodies(scale: Scale, seed: int) -> pl.DataFrame:
    """Make the zone's universities, investors and agencies."""
    rng = stream(seed, "others")
    names = [("university", *name) for name in part("university")[: scale.n_universities]]
    words = pl.DataFrame({"word": ["创业投资"], "word_en": ["Venture Capital"]})
    investors = firm_names(words[np.zeros(scale.n_investors, dtype=np.int64)],
                           np.zeros(scale.n_investors, dtype=np.bool_), rng)  # fmt: skip
    names += [("investor", *row) for row in investors.iter_rows()]
    names += [("agency", "示例高新区" + zh, f"Sample Zone {en}") for zh, en in part("agency")]
    frame = pl.DataFrame(names, schema=["kind", "name", "name_en"], orient="row")
    n = frame.height
    is_university = frame["kind"] == "university"
    placed = _places(pl.Series("chain", [None] * n, dtype=pl.String), rng)
    return frame.with_columns(
        *placed.get_columns(),
        pl.Series("founded", rng.integers(1990, PERIOD, n)),
        pl.Series("capacity", np.where(is_university, rng.integers(6, 13, n), 1)),
        pl.Series("cost", np.round(50.0 * rng.lognormal(0.0, 0.3, n), 1)),
        country=pl.lit(HOME),
        region=pl.lit("岭湾市"),
        zone=pl.lit(ZONE),
    )


def _outside(scale: Scale, seed: int) -> pl.DataFrame:
    """Make partners in other regions of the home country, and suppliers abroad."""
    rng = stream(seed, "outside")
    universities = part("university_outside")[: max(2, scale.n_outside // 20)]
    lines = _lines(scale, scale.n_outside - len(universities), rng)
    home = firm_names(lines, np.zeros(lines.height, dtype=np.bool_), rng)
    region, region_en = part("region")[0]
    regions = part("region_outside")
    drawn = rng.integers(0, len(regions), lines.height).tolist()
    places = pl.Series([regions[i][0] for i in drawn])
    places_en = pl.Series([regions[i][1] for i in drawn])
    home = home.with_columns(
        lines["chain"],
        lines["field"],
        lines["code"].cast(pl.String).alias("industry"),
        places.alias("region"),
        pl.Series("size", rng.choice(["large", "medium", "small"], lines.height)),
        name=places + pl.col("name").str.strip_prefix(region),
        name_en=places_en + pl.col("name_en").str.strip_prefix(region_en),
        kind=pl.lit("firm"),
        country=pl.lit(HOME),
    )
    schools = pl.DataFrame(
        [
            {"kind": "university", "name": zh, "name_en": en, "country": HOME, "region": zh[:2]}
            for zh, en in universities
        ]
    )
    countries = data("countries")
    weight = countries["weight"].to_numpy()
    seats = countries["country"].to_numpy()[
        rng.choice(countries.height, scale.n_foreign, p=weight / weight.sum())
    ]
    abroad = pl.DataFrame({
        "name": [f"境外供应商（示例）{i:03d}" for i in range(1, scale.n_foreign + 1)],
        "name_en": [f"Foreign supplier (sample) {i:03d}" for i in range(1, scale.n_foreign + 1)],
        "country": seats,
    }).with_columns(kind=pl.lit("firm"), size=pl.lit("large"))  # fmt: skip
    frame = pl.concat([home, schools, abroad], how="diagonal")
    n = frame.height
    return frame.with_columns(
        pl.Series("founded", rng.integers(1985, PERIOD - 3, n)),
        pl.Series("capacity", rng.integers(1, 4, n)),
        pl.Series("cost", np.round(90.0 * rng.lognormal(0.0, 0.4, n), 1)),
    )
