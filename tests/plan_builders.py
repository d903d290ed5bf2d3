"""A made-up plan for tests of the report: every table, every state, nothing computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from defence_builders import CONDITIONS, defence_tables
from jicheng.conform import POLARS_TYPES
from jicheng.report.view import PlanView
from jicheng.schema import plan_tables, zone_tables
from rules_builders import rule_tables

TECHNOLOGIES = {
    "集成电路": [
        ("ic-chip", "逻辑芯片", "Logic chip", "产品", "product"),
        ("ic-fab", "晶圆制造", "Wafer fabrication", "制造", "process"),
        ("ic-litho", "光刻", "Lithography", "制造", "process"),
        ("ic-scanner", "浸没式光刻机", "Immersion lithography scanner", "设备", "equipment"),
        ("ic-source", "准分子激光光源", "Excimer laser light source", "设备", "component"),
        ("ic-lens", "投影物镜", "Projection lens", "设备", "component"),
        ("ic-resist", "光刻胶", "Photoresist", "材料", "material"),
        ("ic-resin", "光刻胶树脂单体", "Photoresist resin monomer", "材料", "material"),
        ("ic-pag", "光致产酸剂", "Photoacid generator", "材料", "material"),
        ("ic-etch", "刻蚀机", "Etching machine", "设备", "equipment"),
        ("ic-rf", "射频电源", "Radio-frequency power supply", "设备", "component"),
        ("ic-dep", "薄膜沉积设备", "Film deposition equipment", "设备", "equipment"),
        ("ic-eda", "电子设计自动化软件", "EDA software", "设计", "software"),
        ("ic-wafer", "大尺寸硅片", "Large silicon wafer", "材料", "material"),
        ("ic-gas", "电子特气", "Electronic specialty gases", "材料", "material"),
        ("ic-test", "晶圆检测设备", None, "设备", "equipment"),
    ],
    "低空经济": [
        ("la-evtol", "电动垂直起降飞行器", "eVTOL aircraft", "产品", "product"),
        ("la-drone", "物流无人机", "Cargo drone", "产品", "product"),
        ("la-fc", "飞行控制系统", "Flight control system", "部件", "component"),
        ("la-imu", "惯性测量单元", "Inertial measurement unit", "部件", "component"),
        ("la-mems", "微机电陀螺", "MEMS gyroscope", "部件", "component"),
        ("la-motor", "高功率密度电机", "High power density motor", "部件", "component"),
        ("la-mag", "高性能磁体", "High-performance magnet", "材料", "material"),
        ("la-batt", "高比能电池", "High energy density battery", "部件", "component"),
        ("la-fibre", "碳纤维", "Carbon fibre", "材料", "material"),
        ("la-resin", "航空级环氧树脂", "Aviation-grade epoxy", "材料", "material"),
        ("la-radar", "避障雷达", "Obstacle radar", "部件", "component"),
        ("la-rfchip", "毫米波射频芯片", "Millimetre-wave chip", "部件", "component"),
        ("la-nav", "导航与空管软件", "Navigation and airspace software", "软件", "software"),
    ],
    "生物医药": [
        ("bm-mab", "单克隆抗体药物", "Monoclonal antibody drug", "产品", "product"),
        ("bm-ct", "医学影像设备", "Medical imaging scanner", "产品", "product"),
        ("bm-reactor", "生物反应器", "Bioreactor", "设备", "equipment"),
        ("bm-bag", "一次性反应袋膜材", "Single-use bag film", "材料", "material"),
        ("bm-media", "无血清培养基", "Serum-free medium", "材料", "material"),
        ("bm-aa", "药用氨基酸", "Pharmaceutical amino acids", "材料", "material"),
        ("bm-resin", "层析填料", "Chromatography resin", "材料", "material"),
        ("bm-filter", "除病毒滤膜", "Virus filter", "材料", "material"),
        ("bm-cell", "工程细胞株", "Engineered cell line", "设计", "process"),
        ("bm-tube", "大热容球管", "High heat capacity X-ray tube", "部件", "component"),
        ("bm-det", "光子计数探测器", "Photon-counting detector", "部件", "component"),
        ("bm-seq", "测序仪", "Sequencer", "设备", "equipment"),
    ],
}
LINKS = (
    "ic-fab>ic-chip ic-eda>ic-chip ic-litho>ic-fab ic-etch>ic-fab ic-dep>ic-fab ic-wafer>ic-fab "
    "ic-gas>ic-fab ic-test>ic-fab ic-scanner>ic-litho ic-resist>ic-litho ic-source>ic-scanner "
    "ic-lens>ic-scanner ic-resin>ic-resist ic-pag>ic-resist ic-rf>ic-etch ic-rf>ic-dep "
    "la-fc>la-evtol la-fc>la-drone la-imu>la-fc la-mems>la-imu la-motor>la-evtol "
    "la-motor>la-drone la-mag>la-motor la-batt>la-evtol la-batt>la-drone la-fibre>la-evtol "
    "la-resin>la-fibre la-radar>la-evtol la-rfchip>la-radar la-nav>la-evtol ic-chip>la-fc "
    "bm-reactor>bm-mab bm-bag>bm-reactor bm-media>bm-mab bm-aa>bm-media bm-resin>bm-mab "
    "bm-filter>bm-mab bm-cell>bm-mab bm-tube>bm-ct bm-det>bm-ct ic-chip>bm-ct"
)
CATEGORIES = "la-evtol~la-drone"
FINALS = {"ic-chip": 420.0, "la-evtol": 180.0, "la-drone": 95.0, "bm-mab": 260.0, "bm-ct": 150.0}
ORGANISATIONS = [
    ("org:u1", "珠江理工大学", "Pearl River Institute of Technology", "university", None, "CHN"),
    ("org:i1", "岭南先进材料研究院", "Lingnan Advanced Materials Institute", "institute",
     None, "CHN"),
    ("org:f1", "云山光学股份有限公司", "Yunshan Optics", "firm", "large", "CHN"),
    ("org:f2", "科学城精密仪器有限公司", "Science City Precision", "firm", "medium", "CHN"),
    ("org:f3", "穗芯微电子有限公司", "Suixin Microelectronics", "firm", "small", "CHN"),
    ("org:f4", "黄埔新材料科技有限公司", None, "firm", "micro", "CHN"),
    ("org:x1", "Rheinland Optik", "Rheinland Optik", "firm", "large", "DEU"),
]  # fmt: skip
CAPABILITIES = [
    ("cap:poly", "高纯聚合物合成", "High-purity polymer synthesis"),
    ("cap:pur", "痕量金属纯化", "Trace metal purification"),
    ("cap:opt", "深紫外光学设计", "Deep-ultraviolet optical design"),
    ("cap:coat", "精密光学镀膜", "Precision optical coating"),
    ("cap:ctl", "实时控制", "Real-time control"),
    ("cap:sim", "工艺仿真", "Process simulation"),
]
CHALLENGES = [
    ("ch:resin", "ic-resin", "光刻胶树脂单体国产化", "Domestic photoresist resin monomer"),
    ("ch:lens", "ic-lens", "高数值孔径投影物镜", "High-aperture projection lens"),
    ("ch:source", "ic-source", "准分子激光光源", "Excimer laser light source"),
    ("ch:mems", "la-mems", "战术级微机电陀螺", "Tactical-grade MEMS gyroscope"),
    ("ch:rfchip", "la-rfchip", "毫米波射频芯片", "Millimetre-wave chip"),
    ("ch:filter", "bm-filter", "除病毒滤膜", "Virus filter"),
    ("ch:tube", "bm-tube", "大热容球管", None),
    ("ch:eda", "ic-eda", "电子设计自动化软件", "EDA software"),
]


_SHARING: dict[str, dict[str, Any]] = {
    "ch:resin": {"own_best": 21.4, "sharing_loss": 0.0},
    "ch:lens": {"own_best": 22.7, "sharing_loss": 1.3, "scarce": "org:f1"},
}


def typed(name: str, rows: Iterable[Mapping[str, Any]], *, of_zone: bool = False) -> pl.DataFrame:
    """Make a frame with all columns of the schema from rows that may lack some."""
    table = (zone_tables() if of_zone else plan_tables())[name]
    schema = {a.name: POLARS_TYPES[a.kind] for a in table.attributes}
    rows = [{key: row.get(key) for key in schema} for row in rows]
    return pl.DataFrame(rows, schema=schema)


def make_plan(
    *, names: Mapping[str, str] | None = None, without: Iterable[str] = (), **manifest: Any
) -> PlanView:
    """Make a plan of 41 technologies, 8 challenges and 5 final products.

    Parameters
    ----------
    names : mapping, optional
        Names of technologies to put in place of the made-up ones, by id.
    without : iterable of str
        Tables of the plan to leave out.
    manifest
        Entries to put in place of the made-up ones.
    """
    rng = np.random.default_rng(7)
    technologies = _technologies(names or {})
    chokepoints = [_chokepoint(t, k, rng) for k, t in enumerate(technologies)]
    tables: dict[str, Iterable[Mapping[str, Any]]] = {
        "chokepoints": chokepoints,
        "challenges": [_challenge(*c, k) for k, c in enumerate(CHALLENGES)],
        **_consortia(rng),
        **_portfolio(),
        **defence_tables(),
        "exposure": [_exposure(t, k) for k, t in enumerate(technologies) if t["id"] in FINALS],
        "countries": _COUNTRIES,
        "firms": [
            {
                "organisation": f"org:f{k}",
                "name": f"供应企业{k}",
                "name_en": f"Supplier {k}",
                "industry": "3562",
                "zone": "zone:demo" if k % 3 else None,
                "sales": 900.0 * k,
                "total": 0.2 / k,
                "downstream": 0.15 / k,
                "upstream": 0.05 / k,
                "rank": k,
            }
            for k in range(1, 31)
        ],
        **rule_tables(),
        "stages": _STAGES,
        "warnings": _WARNINGS,
    }
    return PlanView(
        {name: typed(name, rows) for name, rows in tables.items() if name not in set(without)},
        _zone_tables(technologies),
        _MANIFEST | manifest,
        {row["technology"]: _explanation(row) for row in chokepoints[::2]}
        | {"ch:resin": _CONSORTIUM_EXPLANATION},
    )


def _technologies(names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": id_, "name": names.get(id_, zh), "name_en": names.get(id_, en) if en else None,
            "chain": chain, "stage": stage, "kind": kind, "final_value": FINALS.get(id_),
        }
        for chain, members in TECHNOLOGIES.items()
        for id_, zh, en, stage, kind in members
    ]  # fmt: skip


def _chokepoint(tech: Mapping[str, Any], k: int, rng: np.random.Generator) -> dict[str, Any]:
    row = {
        "technology": tech["id"], "name": tech["name"], "name_en": tech["name_en"],
        "chain": tech["chain"], "stage": tech["stage"], "kind": tech["kind"],
        "is_category": tech["id"] == "la-drone", "is_monopoly": False, "is_priority": False,
        "impact_full": float(np.round(rng.uniform(0.02, 0.5), 3)), "n_suppliers": 0,
        "years_low": None if k % 7 == 3 else 3.0, "years_high": None if k % 7 == 3 else 8.0,
        "depends_on_unscored": k % 5 == 0, "share_system": "country",
    }  # fmt: skip
    if k % 8 == 6:
        return row | {"verdict": "no_data"}
    v = float(np.round(rng.beta(2, 2), 3))
    impact = float(np.round(row["impact_full"] * v, 4))
    p = float(np.round(1 / (1 + np.exp(-14 * (v - 0.5) - 30 * (impact - 0.08))), 3))
    verdict = "chokepoint" if p >= 0.8 else "safe" if p <= 0.1 and k % 3 else "watch"
    return row | {
        "verdict": verdict, "p_chokepoint": p, "p_linear": max(0.0, p - 0.12),
        "p_leontief": min(1.0, p + 0.05), "vulnerability": v,
        "vulnerability_low": max(0.0, v - 0.12), "vulnerability_high": min(1.0, v + 0.1),
        "impact_mixed": impact, "impact_linear": impact * 0.6, "impact_leontief": impact * 1.6,
        "impact_low": impact * 0.6, "impact_high": min(1.0, impact * 1.4), "hhi": v,
        "hhi_low": v * 0.9, "hhi_high": min(1.0, v * 1.1),
        "leader": ("JPN", "USA", "NLD", "DEU", "TWN")[k % 5], "leader_share": min(1.0, v + 0.1),
        "home_share": 0.0 if k % 4 == 0 else 0.12, "unknown_share": 0.05, "n_suppliers": 4,
        "newest_period": 2025 - k % 6, "evidence": "ABCD"[k % 4], "rank": k + 1,
        "rank_low": max(1, k - 2), "rank_high": k + 4, "n_needs": 5, "n_needs_open": k % 3,
        "relatedness": 0.4, "is_monopoly": v > 0.75, "is_priority": verdict == "chokepoint",
    }  # fmt: skip


def _challenge(id_: str, technology: str, name: str, name_en: str | None, k: int) -> dict[str, Any]:
    readiness = "no_cost" if id_ == "ch:eda" else "no_years" if id_ == "ch:tube" else "ready"
    return {
        "challenge": id_, "technology": technology, "name": name, "name_en": name_en,
        "origin": "chokepoint" if k else "zone", "years": 5.0, "relief": 0.6, "r_fold": 1,
        "cost_low": None if readiness == "no_cost" else 2400.0 + 700 * k,
        "cost_high": None if readiness == "no_cost" else 3600.0 + 900 * k,
        "member_limit": 8, "n_needs": len(CAPABILITIES), "readiness": readiness,
    }  # fmt: skip


def _consortia(rng: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {
        "coverage": [], "consortia": [], "members": [], "assignment": []
    }  # fmt: skip
    for k, (challenge, *_rest) in enumerate(CHALLENGES):
        if challenge == "ch:source":
            out["consortia"].append({
                "challenge": challenge, "status": "infeasible", "n_members": 0,
                "reason": "无人持有所需能力：痕量金属纯化", "pool": 3,
            })  # fmt: skip
            continue
        team = [ORGANISATIONS[(k + j) % 7] for j in range(3 + k % 3)]
        for c, (capability, zh, en) in enumerate(CAPABILITIES):
            held = c != (k % 6)
            out["coverage"].append({
                "challenge": challenge, "capability": capability, "name": zh, "name_en": en,
                "level": None if c == 5 else 0.6, "weight": 1 / 6,
                "zone_depth": int(held) * (1 + c % 3),
                "zone_best": 0.8 if held else None,
                "zone_verdict": "open" if c == 4 else "yes" if held else "no",
                "outside_depth": 2, "outside_best": "org:x1", "outside_country": "DEU",
                "team_depth": int(held), "team_best": 0.75 if held else None,
                "team_verdict": "open" if c == 4 and held else "yes" if held else "no",
            })  # fmt: skip
            if held:
                level = None if c == 4 else float(np.round(rng.uniform(0.5, 1.0), 2))
                out["assignment"].append({
                    "challenge": challenge, "capability": capability,
                    "organisation": team[c % len(team)][0], "level": level,
                    "meets": "open" if level is None else "yes" if level >= 0.6 else "no",
                    "evidence": "专利与检测报告",
                })  # fmt: skip
        for j, (org, zh, en, kind, size, country) in enumerate(team):
            out["members"].append({
                "challenge": challenge, "organisation": org, "name": zh, "name_en": en,
                "kind": kind, "size": size, "site": "site:a", "country": country,
                "is_lead": j == 0, "is_outside": country != "CHN", "is_irreplaceable": j < 2,
                "margin": 0.17 if j < 2 else 0.0, "cost": None if j == 2 else 180.0 + 40 * j,
                "capabilities": ";".join(
                    CAPABILITIES[c][0] for c in range(6) if c % len(team) == j and c != k % 6
                ),
            })  # fmt: skip
        out["consortia"].append({
            "challenge": challenge, "status": "feasible" if k == 3 else "optimal",
            "lead": team[0][0], "n_members": len(team), "objective": 21.4,
            "bound": 22.0 if k == 3 else 21.4, "gap": 0.028 if k == 3 else 0.0,
            "quality": 24.0, "ties": 1.9, "distance": 1.2, "cost": 620.0, "coverage": 0.83,
            "coverage_low": 0.67, "coverage_high": 0.83, "best_single": 0.5,
            "amplification": 0.33, "weakest": "cap:sim", "capability_index": 0.71,
            "random_expected": 0.41, "random_all": 0.003, "pool": 23, "next_member": "org:f4",
            **_SHARING.get(challenge, {}),
        })  # fmt: skip
    return out


def _portfolio() -> dict[str, list[dict[str, Any]]]:
    funded = {"ch:resin": 0.041, "ch:mems": 0.022, "ch:filter": 0.018, "ch:lens": 0.011}
    rows = []
    for k, (challenge, technology, zh, en) in enumerate(CHALLENGES):
        candidate = challenge not in ("ch:eda", "ch:tube", "ch:source")
        rows.append({
            "challenge": challenge, "technology": technology, "name": zh, "name_en": en,
            "is_candidate": candidate, "is_funded": challenge in funded,
            "cost": 3000.0 + 800 * k if candidate else None,
            "success": 0.46 if candidate else None, "success_low": 0.31 if candidate else None,
            "success_high": 0.6 if candidate else None,
            "value_alone": funded.get(challenge, 0.004) * 0.8 if candidate else None,
            "shapley": funded.get(challenge), "shapley_se": 0.001 if candidate else None,
            "marginal": funded.get(challenge, 0.003) if candidate else None,
            "decision": "mandatory" if challenge == "ch:lens" else None,
            "reason": "链主企业急需" if challenge == "ch:lens"
            else None if candidate else "缺少经费或替代年限，未参与优选",
        })  # fmt: skip
    total = sum(funded.values())
    funding = [
        {"challenge": c, "purse": purse, "amount": amount}
        for c, purse, amount in (
            ("ch:resin", "purse:public", 2000.0), ("ch:resin", "purse:fund", 1000.0),
            ("ch:mems", "purse:public", 3400.0), ("ch:mems", "purse:fund", 2000.0),
            ("ch:filter", "purse:fund", 7000.0), ("ch:lens", "purse:social", 3800.0),
        )
    ]  # fmt: skip
    front = [
        {
            "step": s, "budget": 3000.0 * s, "cost": 2800.0 * s,
            "value": total * 1.3 * (1 - np.exp(-0.35 * s)), "value_se": 0.002, "n_funded": s,
            "challenges": ";".join(list(funded)[:s]), "is_plan": s == 6, "is_knee": s == 4,
        }
        for s in range(10)
    ]  # fmt: skip
    value = [
        {
            "variant": v, "loss_before": 0.21 * f, "loss_after": 0.21 * f - total * f,
            "value": total * f, "value_se": 0.0015, "value_low": total * f * 0.55,
            "value_high": total * f * 1.4, "bound": total * f * 1.006, "gap": 0.006,
            "method": "enumeration",
        }
        for v, f in (("linear", 0.6), ("mixed", 1.0), ("leontief", 1.5))
    ]  # fmt: skip
    sensitivity = [
        {"parameter": p, "low": lo, "high": hi, "value_at_low": total * a,
         "value_at_high": total * b}
        for p, lo, hi, a, b in (
            ("eta", 1.0, 4.0, 1.3, 0.6), ("kappa", 0.0, 0.05, 1.1, 0.9),
            ("years", 0.8, 1.25, 1.12, 0.88), ("relief", 0.5, 1.0, 0.7, 1.25),
        )
    ]  # fmt: skip
    return {"portfolio": rows, "funding": funding, "front": front, "value": value,
            "sensitivity": sensitivity}  # fmt: skip


def _exposure(tech: Mapping[str, Any], k: int) -> dict[str, Any]:
    before = 0.12 + 0.01 * (k % 9)
    after = before * (0.55 + 0.05 * (k % 8))
    return {
        "technology": tech["id"], "name": tech["name"], "name_en": tech["name_en"],
        "chain": tech["chain"], "final_value": tech["final_value"],
        "loss_before": before, "loss_before_low": before * 0.7, "loss_before_high": before * 1.4,
        "loss_after": after, "loss_after_low": after * 0.6, "loss_after_high": after * 1.5,
        "exceed_before": 0.72, "exceed_before_low": 0.6, "exceed_before_high": 0.81,
        "exceed_after": 0.31, "exceed_after_low": 0.2, "exceed_after_high": 0.45,
        "n_unscored": k % 3,
        "unprotected": "ic-scanner;ic-eda" if tech["chain"] != "生物医药" else None,
    }  # fmt: skip


_COUNTRIES = [
    {"country": c, "weight": w, "n_items": n, "loss_before": b, "loss_after": a}
    for c, w, n, b, a in (
        ("JPN", 0.24, 21, 0.31, 0.19), ("USA", 0.31, 18, 0.28, 0.22), ("NLD", 0.14, 6, 0.22, 0.2),
        ("DEU", 0.11, 12, 0.12, 0.06), ("KOR", 0.1, 7, 0.05, 0.04), ("TWN", 0.1, 9, 0.09, 0.07),
    )
]  # fmt: skip
_STAGES = [
    {"stage": "chokepoints", "status": "partial", "missing": "supply.share(5)",
     "consequence_zh": "没有份额的技术一律标为“无数据”",
     "consequence": "Technologies without shares are marked no data"},
    {"stage": "consortia", "status": "done"},
    {"stage": "portfolio", "status": "done"},
    {"stage": "exposure", "status": "done"},
    {"stage": "rules", "status": "done"},
    {"stage": "firms", "status": "partial", "missing": "sales.amount",
     "consequence_zh": "没有企业间销售数据，无法分析企业层面的系统性风险",
     "consequence": "Without sales the systemic risk of firms cannot be computed"},
]  # fmt: skip
_WARNINGS = [
    {"order": 1, "code": "E210", "place": "supply:bm-seq", "zh": "份额合计为 101%，已按比例调整",
     "en": "Shares sum to 101 % and were rescaled", "hint_zh": "请核对来源", "hint_en": "Check it"},
]  # fmt: skip


def _zone_tables(technologies: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    links = [
        {"source": a, "target": b, "relation": "input", "weight": 1.0,
         "essentiality": ("essential", "non_essential", None)[k % 3]}
        for k, (a, b) in enumerate(pair.split(">") for pair in LINKS.split())
    ]  # fmt: skip
    links += [
        {"source": a, "target": b, "relation": "category"}
        for a, b in (pair.split("~") for pair in CATEGORIES.split())
    ]
    organisations = [
        {"id": id_, "name": zh, "name_en": en, "kind": kind, "size": size, "country": country}
        for id_, zh, en, kind, size, country in ORGANISATIONS
    ]
    purses = [
        {"id": "purse:public", "name": "财政专项资金", "name_en": "Public programme",
         "kind": "public", "amount": 8000.0, "share_limit": 0.7},
        {"id": "purse:fund", "name": "产业引导基金", "name_en": "Industry fund",
         "kind": "financial", "amount": 12000.0, "share_limit": 1.0},
        {"id": "purse:social", "name": "社会资本", "name_en": None,
         "kind": "social", "amount": 6000.0, "share_limit": 1.0},
    ]  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "technologies": technologies, "links": links, "organisations": organisations,
        "purses": purses,
        "conditions": CONDITIONS,
        "capabilities": [{"id": i, "name": zh, "name_en": en} for i, zh, en in CAPABILITIES],
        "sites": [{"id": "site:a", "name": "科学城园区", "name_en": "Science City Park"}],
    }  # fmt: skip
    return {name: typed(name, table, of_zone=True) for name, table in rows.items()}


def _explanation(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "title_zh": "脆弱度怎样得出", "title_en": "Where the vulnerability comes from",
            "lines": [
                {"zh": "脆弱度 = 集中度 ×（1 − 第二来源）× 难替代性。",
                 "en": "Vulnerability = concentration x (1 - second source) x substitutability."},
                {"zh": "最大供给方占六成以上。", "en": "The largest supplier holds over 60 %."},
            ],
            "rows": [
                {"table": "supply", "key": f"{row['technology']}|JPN|country|world|2025",
                 "source": "示例行业年鉴", "as_of": "2025-12-31"},
            ],
        },
        {
            "title_zh": "什么会改变结论", "title_en": "What would change it",
            "lines": [{"zh": "若未知份额属于本国企业，则转为“关注”。",
                       "en": "If the unknown share is held at home the verdict becomes watch."}],
        },
    ]  # fmt: skip


_CONSORTIUM_EXPLANATION = [
    {"title_zh": "结论", "title_en": "Result",
     "lines": [{"zh": "能力 cap:poly：+5.23 分", "en": "capability cap:poly: +5.23 points"},
               {"zh": "org:f9：未知", "en": "org:f9: unknown"}],
     "rows": [{"table": "holdings", "key": "org:u1|cap:poly", "values": "level=0.8"}]},
]  # fmt: skip


_MANIFEST: dict[str, Any] = {
    "zone": {"id": "zone:demo", "name": "示例高新区", "name_en": "Demo High-tech Zone",
             "home": "CHN", "period": 2026, "currency": "CNY"},
    "plan_id": "plan-7f3a9c21", "seed": 1, "engine_version": "0.1.0", "date": "2026-11-24",
    "content_hash": "7f3a9c21d0b84e6f95a1c2d3e4f5061728394a5b6c7d8e9f00112233445566aa",
    "command": "jicheng verify demo/plan",
    "scenario": {"id": "all-foreign", "zh": "全部外国供给方同时断供",
                 "en": "All foreign suppliers withhold at once"},
    "thresholds": {"vulnerability": 0.5, "impact": 0.05, "probability": 0.8, "loss": 0.05},
    "parameters": [
        {"stage": "portfolio", "name": "eta", "value": 2.0, "unit": "", "low": 1.0, "high": 4.0,
         "zh": "能力对成功的弹性", "en": "Elasticity of success to capability",
         "provenance_zh": "规划假设", "provenance": "planning assumption"},
        {"stage": "portfolio", "name": "kappa", "value": 0.02, "unit": "", "low": 0.0, "high": 0.05,
         "zh": "每增加一名成员的协调损失", "en": "Coordination cost of one more member",
         "provenance_zh": "规划假设", "provenance": "planning assumption"},
        {"stage": "portfolio", "name": "years", "value": None, "low": 0.8, "high": 1.25,
         "zh": "替代年限在专家区间中的位置", "en": "Position of the years in the experts' interval",
         "provenance_zh": "规划假设", "provenance": "planning assumption"},
        {"stage": "portfolio", "name": "relief", "value": 1.0, "low": 0.5, "high": 1.0,
         "zh": "计入的纾解比例", "en": "Share of the stated relief that is counted on",
         "provenance_zh": "规划假设", "provenance": "planning assumption"},
        {"stage": "chokepoints", "name": "draws", "value": 1000, "unit": "draws",
         "zh": "抽样次数", "en": "Number of draws", "provenance_zh": "本系统默认",
         "provenance": "default of the engine"},
    ],
    "solvers": [
        {"stage": "consortia", "status": "optimal", "bound": 21.4, "gap": 0.0, "seconds": 3.2,
         "note_zh": "全部项目已证明最优，除 1 项", "note_en": "All but one proved optimal"},
        {"stage": "portfolio", "status": "optimal", "bound": 0.0926, "gap": 0.006, "seconds": 1.9},
    ],
    "seconds": {"chokepoints": 4.1, "consortia": 3.4, "portfolio": 2.0, "exposure": 0.9},
    "sources": [
        {"title": "示例数据生成器", "path": "zone/", "licence": "CC0-1.0",
         "retrieved": "2026-11-24", "tables": ["technologies", "supply", "links"]},
        {"title": "示例行业年鉴", "licence": "", "tables": ["supply"]},
    ],
    "is_sample": True,
    "draft_rules": ["cn.little_giant.2022"],
}  # fmt: skip
