"""What rule packs ask of a firm beyond its accounts: rights, bodies, products, judgements.

Facts are drawn so that packs find firms that pass, firms that fail and firms of which too
little is known. Firms that hold a title mostly meet its rules still, as they did when it
was given. Every share here is ours.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.firms import Figures, Firms
from jicheng.sample.streams import stream

__all__ = ["UNITS", "RuleFacts", "rule_facts", "with_meant_titles"]

_LEVELS = {"national": 0.02, "provincial": 0.18, "city": 0.35, "below_city": 0.45}
_CLASSES = {"six_basics": 0.12, "ten_key_fields": 0.33, "cyber_power_fields": 0.15, "other": 0.4}
_CHANCES = {
    "standard_participation": 0.15,
    "in_strategic_emerging_catalogue": 0.7,
    "fills_chain_gap_proven": 0.06,
    "time_honoured": 0.005,
    "serves_chain_leader": 0.2,
    "iso9001_class_certificate": 0.55,
    "international_product_certificate": 0.12,
    "key_link_in_chain": 0.3,
    "fills_shortcoming": 0.15,
    "lengthens_strength": 0.2,
    "fills_gap": 0.1,
    "national_project": 0.04,
    "innovation_points_candidate": 0.08,
    "legal_person": 0.995,
    "won_before": 0.03,
    "recommended_by_province": 0.2,
}
_RECORDS = {  # in public registers, so known of every firm
    "major_safety_quality_environment_case": 0.005,
    "major_accident": 0.004,
    "env_violation": 0.006,
    "research_dishonesty": 0.001,
    "abnormal_list": 0.008,
}
_JUDGED = {  # most points of each item that experts judge, by its place in the pack cn.hte
    "rd_management.rd_system_and_cost_ledger": 6,
    "rd_management.rd_unit_and_cooperation": 6,
    "rd_management.incentives_and_open_platform": 4,
    "rd_management.training_and_talent": 4,
}
_LEVELLED = {  # items that experts judge by level, the lowest first
    "ip.advanced": ("none", "low", "average", "fairly_high", "high"),
    "ip.core_support": ("none", "weak", "average", "fairly_strong", "strong"),
}
_STEPS = (0.1, 0.35, 0.6, 0.85)  # quality from which a level is reached
_STILL = 0.93  # chance that a holder still meets one of the things its title asks for

UNITS = {
    "provincial_platforms_2y": "count", "provincial_awards_2y": "count",
    "provincial_projects_2y": "count", "equity_financing_3y": "CNY", "ip_class1_self": "count",
    "ip_class1_high_value": "count", "ip_self_developed": "boolean", "six_basics": "boolean",
    "ip_in_use_with_benefit": "boolean", "projects_applied": "count",
    **dict.fromkeys((*_CHANCES, *_RECORDS), "boolean"),
}  # fmt: skip
"""Unit of each fact that is a number or a condition."""

Words = NDArray[np.str_]


@dataclass(frozen=True)
class RuleFacts:
    """Facts of n firms for the last year.

    Attributes
    ----------
    everywhere : dict of str to ndarray, shape (n,)
        Facts that every firm reports, or that stand in public registers.
    asked : dict of str to ndarray, shape (n,)
        Facts that only firms with a title or much revenue report.
    choices : dict of str to ndarray of str, shape (n,)
        The same for facts that are one of several choices.
    judged : dict of str to ndarray, shape (n,)
        Points that experts gave, by fact; nan where nobody judged.
    levels : dict of str to ndarray of str, shape (n,)
        The same for items judged by level; empty where nobody judged.
    """

    everywhere: dict[str, Figures]
    asked: dict[str, Figures]
    choices: dict[str, Words]
    judged: dict[str, Figures]
    levels: dict[str, Words]


def rule_facts(firms: Firms, organisations: pl.DataFrame, titles: pl.DataFrame,
               seed: int) -> RuleFacts:  # fmt: skip
    """Draw the facts of the zone's firms (stream ``rule facts``)."""
    rng = stream(seed, "rule facts")
    rows = organisations.filter(pl.col("id").is_in(firms.ids.implode()))
    is_big = rows["size"].is_in(["large", "medium"]).to_numpy()
    choices = {
        "rd_institution_level": _body(firms, rng),
        "product_class": rng.choice(list(_CLASSES), firms.n, p=list(_CLASSES.values())),
    }
    asked = _rights(firms, rng)
    for name, chance in _CHANCES.items():
        asked[name] = (rng.random(firms.n) < chance).astype(np.float64)
    asked["projects_applied"] = rng.poisson(0.8, firms.n).astype(np.float64)
    _still_meet(asked, choices, _holds(firms, titles, "little_giant"), rng)
    asked["six_basics"] = (choices["product_class"] == "six_basics").astype(np.float64)
    everywhere = _taken_part(firms, choices, titles, is_big, rng)
    for name, chance in _RECORDS.items():
        everywhere[name] = (rng.random(firms.n) < chance).astype(np.float64)
    return RuleFacts(
        everywhere,
        asked,
        choices,
        *_judgements(firms, _holds(firms, titles, "high_tech_enterprise"), rng),
    )


def _holds(firms: Firms, titles: pl.DataFrame, kind: str) -> NDArray[np.bool_]:
    holders = titles.filter(pl.col("kind") == kind)["holder"].unique()
    holds: NDArray[np.bool_] = firms.ids.is_in(holders.implode()).to_numpy()
    return holds


def _rights(firms: Firms, rng: np.random.Generator) -> dict[str, Figures]:
    """Draw rights that are the firm's own or of high value, and equity of three years."""
    class1 = firms.yearly["ip_class1"][-1]
    own = rng.binomial(class1.astype(np.int64), 0.8).astype(np.float64)
    anything = class1 + firms.yearly["ip_class2"][-1] > 0
    raised = firms.latest["equity_financing_2y"]
    earlier = np.where(rng.random(firms.n) < 0.03, rng.lognormal(15.8, 0.8, firms.n), 0.0)
    return {
        "ip_class1_self": own,
        "ip_class1_high_value": rng.binomial(own.astype(np.int64), 0.35).astype(np.float64),
        "ip_self_developed": (anything & (rng.random(firms.n) < 0.9)).astype(np.float64),
        "ip_in_use_with_benefit": (anything & (rng.random(firms.n) < 0.75)).astype(np.float64),
        "equity_financing_3y": np.round(raised + earlier, -3),
    }


def _body(firms: Firms, rng: np.random.Generator) -> Words:
    """Draw the level of the research body of those that have one."""
    drawn = rng.choice(list(_LEVELS), firms.n, p=list(_LEVELS.values()))
    return np.where(firms.latest["has_rd_institution"] > 0, drawn, "none")


def _still_meet(
    asked: dict[str, Figures],
    choices: dict[str, Words],
    holds: NDArray[np.bool_],
    rng: np.random.Generator,
) -> None:
    """Let holders of the title of a little giant mostly meet the rest of what it asks for."""
    for name in ("key_link_in_chain", "fills_shortcoming", "ip_in_use_with_benefit"):
        asked[name][holds & (rng.random(holds.size) < _STILL)] = 1.0
    product = choices["product_class"]
    product[holds & (product == "other") & (rng.random(holds.size) < _STILL)] = "ten_key_fields"


def _taken_part(
    firms: Firms,
    choices: dict[str, Words],
    titles: pl.DataFrame,
    is_big: NDArray[np.bool_],
    rng: np.random.Generator,
) -> dict[str, Figures]:
    """Draw what a firm built, won and carried out with the province in two years."""
    has_body = np.isin(choices["rd_institution_level"], ["national", "provincial"])
    awards = _holds(firms, titles, "provincial_award") | _holds(firms, titles, "national_award")
    pace = np.where(is_big, 0.5, 0.03) + 0.04 * np.log1p(firms.yearly["rd_expense"][-1] / 1e6)
    return {
        "provincial_platforms_2y": rng.poisson(np.where(has_body, 0.6, 0.01)).astype(np.float64),
        "provincial_awards_2y": (awards & (rng.random(firms.n) < 0.7)).astype(np.float64),
        "provincial_projects_2y": rng.poisson(pace).astype(np.float64),
    }


def _judgements(
    firms: Firms, holds: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[dict[str, Figures], dict[str, Words]]:
    """Draw what experts said: of nearly all holders, and of some that asked in advance."""
    was_judged = rng.random(firms.n) < np.where(holds, 0.92, 0.25)
    quality = np.clip(np.where(holds, 0.88, 0.6) + rng.normal(0.0, 0.12, firms.n), 0.0, 1.0)
    points: dict[str, Figures] = {}
    levels: dict[str, Words] = {}
    for path, most in _JUDGED.items():
        share = np.clip(quality + rng.normal(0.0, 0.1, firms.n), 0.0, 1.0)
        points[f"judged.cn.hte.{path}"] = np.where(was_judged, np.round(most * share), np.nan)
    for path, words in _LEVELLED.items():
        step = np.searchsorted(_STEPS, quality + rng.normal(0.0, 0.1, firms.n))
        levels[f"judged.cn.hte.{path}"] = np.where(was_judged, np.array(words)[step], "")
    return points, levels


def with_meant_titles(firms: Firms, titles: pl.DataFrame, seed: int) -> Firms:
    """Let holders of a title mostly meet what it asks for (stream ``meant titles``)."""
    rng = stream(seed, "meant titles")
    latest = {name: values.copy() for name, values in firms.latest.items()}
    giant = _holds(firms, titles, "little_giant")
    for name, least in (
        ("niche_years", 3.0), ("core_processes_on_it", 1.0), ("management_certificate", 1.0),
        ("own_brand", 1.0), ("has_rd_institution", 1.0), ("ip_class1_main_product", 2.0),
        ("national_niche_share", 0.1),
    ):  # fmt: skip
        lifts = giant & (latest[name] < least) & (rng.random(firms.n) < _STILL)
        if name == "ip_class1_main_product":
            lifts &= firms.yearly["ip_class1"][-1] >= least
        latest[name][lifts] = least + (
            np.round(rng.gamma(2.0, 0.04, firms.n), 3)[lifts]
            if name == "national_niche_share"
            else 0.0
        )
    high_tech = _holds(firms, titles, "high_tech_enterprise")
    busy = rng.poisson(6.2, firms.n).astype(np.float64)
    latest["transformations_per_year"][high_tech] = busy[high_tech]
    return dataclasses.replace(firms, latest=latest)
