"""The account of one consortium: a waterfall of its points, each with its source rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from jicheng.errors import Text
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.pool import Pool
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.team_tables import Formed

__all__ = ["ConsortiumExplanation", "explain_consortium"]


@dataclass(frozen=True)
class ConsortiumExplanation:
    """Why this consortium has these points.

    Attributes
    ----------
    challenge, status : str
        As in the table ``consortia``.
    told : tuple of Text
        What explains the status.
    waterfall : polars.DataFrame
        ``term`` (quality:<capability>, ties, distance, cost, total) and ``points``;
        the terms add up to the total.
    holders : polars.DataFrame
        Per capability the members that count (the r best): ``capability``,
        ``organisation``, ``level``, ``level_low``, ``level_high``, ``points``.
    ties, distances, costs : polars.DataFrame
        Pairs with strength and points; kilometres to the lead and points of each
        member; cost (wan), whether it is assumed, and points of each member.
    rows : polars.DataFrame
        Rows of ``holdings`` behind the levels, with ``organisation``.
    """

    challenge: str
    status: str
    told: tuple[Text, ...]
    waterfall: pl.DataFrame
    holders: pl.DataFrame
    ties: pl.DataFrame
    distances: pl.DataFrame
    costs: pl.DataFrame
    rows: pl.DataFrame

    def as_plain(self) -> list[dict[str, Any]]:
        """Return blocks of JSON values: title, lines [{zh, en}] and source rows."""
        blocks = [_block("结论", "Result", [*self.told, *_sums(self.waterfall)])]
        if self.holders.height:
            blocks.append(
                _block("能力由谁计分", "Whose capabilities count", _holder_lines(self.holders))
                | {"rows": _source_rows(self.rows)}
            )
            blocks.append(_block("合作联系", "Ties", _tie_lines(self.ties)))
            blocks.append(_block("距离", "Distance", _distance_lines(self.distances)))
            blocks.append(_block("参与成本", "Cost", _cost_lines(self.costs)))
        return blocks

    def as_text(self, language: str | None = None) -> str:
        """Return the account as text, in one language or, by default, in both."""
        lines = []
        for block in self.as_plain():
            lines.append(_spoken(block["title_zh"], block["title_en"], language))
            lines += [f"  {_spoken(line['zh'], line['en'], language)}" for line in block["lines"]]
            lines += [
                f"    · {row['table']}: {row['key']} [{row['values']}] {row['source']}".rstrip()
                for row in block.get("rows", ())
            ]
        return "\n".join(lines)


def explain_consortium(
    formed: Formed, roster: Roster, holdings: Holdings, settings: ConsortiumSettings
) -> ConsortiumExplanation:
    """Account for the points of one consortium."""
    pool = formed.pool
    told = tuple(one.message for one in formed.told)
    if pool is None or not formed.members or formed.points is None:
        empty = pl.DataFrame()
        waterfall = pl.DataFrame(schema={"term": pl.String, "points": pl.Float64})
        return ConsortiumExplanation(
            formed.challenge, formed.status, told, waterfall, empty, empty, empty, empty, empty
        )
    team = np.searchsorted(pool.candidates, formed.team)
    holders = _holders(pool, roster, team)
    by_need = holders.group_by("capability", maintain_order=True).agg(pl.col("points").sum())
    points = formed.points
    terms = [(f"quality:{name}", value) for name, value in by_need.iter_rows()]
    terms += [("ties", points.ties), ("distance", -points.distance), ("cost", -points.price),
              ("total", points.total)]  # fmt: skip
    ids = [roster.ids[int(place)] for place in formed.team]
    rows = holdings.rows.filter(
        pl.col("organisation").is_in(ids)
        & pl.col("capability").is_in(list(pool.call.needs.capabilities))
    ).sort("capability", "organisation", "holder")
    return ConsortiumExplanation(
        challenge=formed.challenge,
        status=formed.status,
        told=told,
        waterfall=pl.DataFrame(terms, schema={"term": pl.String, "points": pl.Float64},
                               orient="row"),
        holders=holders,
        ties=_ties(pool, roster, team, settings),
        distances=_distances(pool, roster, formed, team, settings),
        costs=_costs(pool, roster, team),
        rows=rows,
    )  # fmt: skip


def _holders(pool: Pool, roster: Roster, team: np.ndarray) -> pl.DataFrame:
    problem, needs = pool.problem, pool.call.needs
    levels = pool.levels_of(pool.candidates[team])
    rows = []
    for k, capability in enumerate(needs.capabilities):
        gain = problem.gain[team, k]
        for i in np.argsort(-gain, kind="stable")[: problem.fold]:
            if problem.holds[team[i], k]:
                point = levels.point[i, k]
                rows.append((
                    capability, roster.ids[int(pool.candidates[team[i]])],
                    None if np.isnan(point) else float(point),
                    float(levels.low[i, k]), float(levels.high[i, k]), float(gain[i]),
                ))  # fmt: skip
    schema = {"capability": pl.String, "organisation": pl.String} | dict.fromkeys(
        ("level", "level_low", "level_high", "points"), pl.Float64
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def _ties(
    pool: Pool, roster: Roster, team: np.ndarray, settings: ConsortiumSettings
) -> pl.DataFrame:
    ties = pool.problem.ties.among(team.astype(np.int64), pool.problem.n)
    ids = [roster.ids[int(pool.candidates[i])] for i in team]
    weight = settings.tie_weight or 1.0
    return pl.DataFrame(
        [
            pl.Series("a", [ids[i] for i in ties.a], pl.String),
            pl.Series("b", [ids[i] for i in ties.b], pl.String),
            pl.Series("strength", ties.points / weight),
            pl.Series("points", ties.points),
        ]
    )


def _distances(
    pool: Pool, roster: Roster, formed: Formed, team: np.ndarray, settings: ConsortiumSettings
) -> pl.DataFrame:
    lead = int(np.searchsorted(pool.candidates, formed.members[0]))
    points = pool.problem.distance[int(pool.problem.lead_at[lead]), team]
    km = roster.kilometres(pool.candidates[[lead]], pool.candidates[team])[0]
    known = np.isfinite(km) | (team == lead)
    counted = roster.counted_kilometres(pool.candidates[[lead]], pool.candidates[team], settings)
    return pl.DataFrame({
        "organisation": [roster.ids[int(pool.candidates[i])] for i in team],
        "km": np.where(team == lead, 0.0, counted[0]), "is_assumed": ~known, "points": points,
    }).head(len(team) if roster.has_places else 0)  # fmt: skip


def _costs(pool: Pool, roster: Roster, team: np.ndarray) -> pl.DataFrame:
    places = pool.candidates[team]
    is_any_known = np.isfinite(roster.cost_wan).any()
    return pl.DataFrame({
        "organisation": [roster.ids[int(place)] for place in places],
        "cost": roster.counted_cost_wan[places],
        "is_assumed": np.isnan(roster.cost_wan[places]),
        "points": pool.problem.price[team],
    }).head(len(team) if is_any_known else 0)  # fmt: skip


def _block(title_zh: str, title_en: str, lines: list[Text]) -> dict[str, Any]:
    return {
        "title_zh": title_zh,
        "title_en": title_en,
        "lines": [{"zh": line.zh, "en": line.en} for line in lines],
    }


_TERMS = {
    "ties": Text("合作联系", "ties"),
    "distance": Text("距离", "distance"),
    "cost": Text("参与成本", "cost"),
    "total": Text("合计", "total"),
}


def _sums(waterfall: pl.DataFrame) -> list[Text]:
    lines = []
    for term, points in waterfall.iter_rows():
        name = term.removeprefix("quality:")
        label = _TERMS.get(term, Text(f"能力 {name}", f"capability {name}"))
        lines.append(Text(f"{label.zh}：{points:+.2f} 分", f"{label.en}: {points:+.2f} points"))
    return lines


def _holder_lines(holders: pl.DataFrame) -> list[Text]:
    lines = []
    for row in holders.iter_rows(named=True):
        level = "未知" if row["level"] is None else f"{row['level']:.2f}"
        known = "unknown" if row["level"] is None else level
        who = f"{row['capability']} ← {row['organisation']}"
        span = f"[{row['level_low']:.2f}, {row['level_high']:.2f}]"
        lines.append(Text(
            f"{who}：水平 {level} {span}，{row['points']:.2f} 分",
            f"{who}: level {known} {span}, {row['points']:.2f} points",
        ))  # fmt: skip
    return lines


def _tie_lines(ties: pl.DataFrame) -> list[Text]:
    if ties.is_empty():
        return [Text("成员之间没有计分的联系", "No ties between the members count")]
    return [
        Text(
            f"{a} — {b}：强度 {strength:.2f}，{points:.2f} 分",
            f"{a} - {b}: strength {strength:.2f}, {points:.2f} points",
        )
        for a, b, strength, points in ties.iter_rows()
    ]


def _distance_lines(distances: pl.DataFrame) -> list[Text]:
    if distances.is_empty():
        return [Text("位置全部未知，未计距离", "No position is known: distances are not counted")]
    return [
        Text(
            f"{who}：{km:.1f} 公里{'（假设）' if assumed else ''}，-{points:.2f} 分",
            f"{who}: {km:.1f} km{' (assumed)' if assumed else ''}, -{points:.2f} points",
        )
        for who, km, assumed, points in distances.iter_rows()
    ]


def _cost_lines(costs: pl.DataFrame) -> list[Text]:
    if costs.is_empty():
        return [Text("参与成本全部未知，未计成本", "No cost is known: costs are not counted")]
    return [
        Text(
            f"{who}：{cost:g} 万元{'（估计）' if assumed else ''}，-{points:.2f} 分",
            f"{who}: {cost:g} wan{' (assumed)' if assumed else ''}, -{points:.2f} points",
        )
        for who, cost, assumed, points in costs.iter_rows()
    ]


def _source_rows(rows: pl.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "table": "holdings",
            "key": f"{row['holder']}|{row['capability']}",
            "values": f"level={row['level'] if row['level'] is not None else '?'}, "
            f"evidence={row['evidence'] or '?'}",
            "source": row["source"] or "",
            "as_of": "" if row["as_of"] is None else str(row["as_of"]),
        }
        for row in rows.iter_rows(named=True)
    ]


def _spoken(zh: str, en: str, language: str | None) -> str:
    if language is None:
        return f"{zh} / {en}"
    return en if language == "en" else zh
