"""Made-up tables of points, verdicts, near-misses and policies, for tests of the report."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

PACKS = (
    ("cn.tech_sme@2017", "科技型中小企业", "Technology SME", True, (210, 95, 95)),
    ("cn.hte@2016", "高新技术企业认定", "High-tech enterprise", True, (12, 180, 208)),
    ("cn.little_giant@2022", "专精特新小巨人企业", "Little giant", True, (0, 64, 336)),
)
STAGES = ("startup", "growth", "stable")
FIELDS = ("电子信息", "生物与新医药", "先进制造与自动化")
FIRMS = ("org:f1", "org:f2", "org:f3", "org:f4")
_POINTS = "cn.innovation_points@1.0-national"


def rule_tables() -> dict[str, list[dict[str, Any]]]:
    """Return rows of every table that the stage ``rules`` writes."""
    return {
        "verdicts": _verdicts(),
        "points": _points(),
        "qualification": _qualification(),
        "near_misses": _near(),
        "ways_up": _ways(),
        "policy_needs": _needs(),
        "policy_matches": [
            {"policy": "pol:hte", "subject": "org:f1", "name": "云山光学股份有限公司",
             "answer": "eligible", "amount_low": 20.0, "amount_high": 20.0, "is_draft": True},
        ],
    }  # fmt: skip


def _verdicts() -> list[dict[str, Any]]:
    return [
        {
            "pack": pack, "name": zh, "name_en": en, "is_draft": draft, "n_firms": 400,
            "n_pass": counts[0], "n_open": counts[1], "n_fail": counts[2],
            "n_held": None if k == 0 else 40 // k, "n_new": None if k == 0 else 5,
            "n_at_risk": None if k == 0 else 2,
            "asked": "研发机构级别" if k else None,
            "asked_en": "Level of research body" if k else None,
            "n_asked": 61 if k else None,
        }
        for k, (pack, zh, en, draft, counts) in enumerate(PACKS)
    ]  # fmt: skip


def _points() -> list[dict[str, Any]]:
    rng = np.random.default_rng(7)
    low = np.round(np.sort(rng.normal(34.0, 11.0, 240).clip(2.0, 88.0))[::-1], 2)
    width = np.where(rng.random(240) < 0.5, 0.0, np.round(rng.exponential(6.0, 240), 2))
    return [
        {
            "organisation": FIRMS[k] if k < len(FIRMS) else f"org:p{k:03d}", "pack": _POINTS,
            "name": f"示例企业{k:03d}", "name_en": f"Sample firm {k:03d}",
            "stage": STAGES[k % 3], "field": FIELDS[k % len(FIELDS)],
            "low": float(low[k]), "high": float(min(100.0, low[k] + width[k])),
            "n_missing": int(width[k] > 0), "rank": k + 1, "rank_best": max(1, k - 3),
            "rank_worst": k + 12, "rank_low": max(1, k - 6) if k < 100 else None,
            "rank_high": k + 20 if k < 100 else None, "percentile": 1.0 - k / 240.0,
            "is_draft": True, "is_demo": True,
        }
        for k in range(240)
    ]  # fmt: skip


def _qualification() -> list[dict[str, Any]]:
    return [
        {"organisation": "org:f1", "pack": "cn.hte@2016", "name": "云山光学股份有限公司",
         "name_en": "Yunshan Optics", "verdict": "pass", "is_held": True, "low": 74.0,
         "high": 88.0, "n_missing": 1, "is_draft": True},
        {"organisation": "org:f2", "pack": "cn.hte@2016", "name": "科学城精密仪器有限公司",
         "name_en": "Science City Precision", "verdict": "open", "is_held": False, "low": 41.0,
         "high": 90.0, "n_missing": 2, "missing": "研发组织管理", "missing_en": "R&D management",
         "is_draft": True},
    ]  # fmt: skip


def _near() -> list[dict[str, Any]]:
    one_right = ("申请一项实用新型或软件著作权", "Obtain one utility model or software copyright")
    found = [
        ("org:f1", "cn.tech_sme@2017", "fail", 1, 1.2, 8.0, one_right),
        ("org:f2", "cn.tech_sme@2017", "fail", 2, 1.2, 8.0, one_right),
        ("org:f3", "cn.tech_sme@2017", "open", 3, 20.0, 3.0,
         ("招聘一名科技人员", "Hire one technical employee")),
        ("org:f3", "cn.hte@2016", "fail", 1, 60.0, 12.0,
         ("招聘一名科技人员 × 2；追加10万元研发投入 × 2",
          "Hire one technical employee × 2; Spend 100 000 yuan more on research × 2")),
        ("org:f4", "cn.little_giant@2022", "open", 1, 8.0, 6.0,
         ("取得质量管理体系认证", "Obtain a certificate of quality management")),
    ]  # fmt: skip
    return [
        {"organisation": firm, "pack": pack, "name": firm, "name_en": None, "verdict": verdict,
         "is_next": True, "rank": rank, "cost": cost, "bound": cost, "is_proved": True,
         "months": months, "n_steps": what[0].count("；") + 1, "what": what[0],
         "what_en": what[1], "needed": 12.0 if pack.startswith("cn.hte") else 0.0,
         "in_question": 36.0 if pack.startswith("cn.hte") else 0.0, "is_draft": True,
         "is_demo": True}
        for firm, pack, verdict, rank, cost, months, what in found
    ]  # fmt: skip


def _ways() -> list[dict[str, Any]]:
    return [
        {"organisation": "org:f3", "pack": "cn.hte@2016", "action": "hire_tech_staff",
         "label": "招聘一名科技人员", "label_en": "Hire one technical employee", "amount": 2.0,
         "cost": 40.0, "months": 3.0, "is_demo": True},
    ]  # fmt: skip


def _needs() -> list[dict[str, Any]]:
    day = datetime.date
    return [
        {"policy": "pol:hte", "name": "高新技术企业认定奖励", "name_en": "High-tech award",
         "subject": "organisation", "benefit": "grant", "pack": "cn.hte@2016",
         "n_eligible": 12, "n_nearly": 3,
         "n_open": 180, "n_not": 205, "need_low": 240.0, "need_high": 3840.0, "budget": 200.0,
         "window": "open", "opens": day(2026, 4, 1), "closes": day(2026, 9, 30),
         "as_of": day(2026, 3, 31), "is_draft": True},
        {"policy": "pol:giant", "name": "小巨人奖励", "name_en": "Little giant award",
         "subject": "organisation", "benefit": "loan", "pack": "cn.little_giant@2022",
         "n_eligible": 0,
         "n_nearly": 8, "n_open": 64, "n_not": 328, "need_low": 900.0, "need_high": 6400.0,
         "budget": 500.0,
         "window": "upcoming", "opens": day(2027, 3, 1), "closes": None,
         "as_of": day(2026, 3, 31), "is_draft": True},
        {"policy": "pol:talent", "name": "领军人才支持", "name_en": "Support of leading talents",
         "subject": "person", "n_eligible": 4, "n_nearly": 0, "n_open": 11, "n_not": 30,
         "need_low": 40.0, "need_high": 40.0, "budget": 500.0, "window": "always",
         "as_of": day(2026, 3, 31), "is_draft": False},
    ]  # fmt: skip
