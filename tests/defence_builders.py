"""Made-up tables that defend consortia and a portfolio, for tests of the report."""

from __future__ import annotations

from typing import Any

__all__ = ["CONDITIONS", "defence_tables"]

Rows = list[dict[str, Any]]

CONDITIONS: Rows = [
    {
        "id": "cond:1",
        "kind": "requires",
        "challenges": "ch:lens;ch:resin",
        "reason": "前者依托后者",
    },
]


def defence_tables() -> dict[str, Rows]:
    """Return what is asked about the made-up plan: money, risk, doubt, scarcity, seats."""
    return {
        "schedule": _schedule(),
        "cash": _cash(),
        "races": _races(),
        "overrun": _overrun(),
        "overrides": _overrides(),
        "money": _money(),
        "joined": _joined(),
        "selection": _selection(),
        "replacements": _replacements(),
        "alternatives": _alternatives(),
        "scarcity": _scarcity(),
        "fairness": _fairness(),
    }


def _schedule() -> Rows:
    rows = []
    for challenge, amount in (("ch:resin", 3000.0), ("ch:mems", 5400.0), ("ch:filter", 7000.0)):
        for k, (year, share, chance) in enumerate(
            ((2026, 0.4, 1.0), (2027, 0.35, 1.0), (2029, 0.25, 0.8)), start=1
        ):
            rows.append({
                "challenge": challenge, "stage": k, "name": ("样品", "样机", "验证")[k - 1],
                "year": year, "amount": share * amount, "expected": share * amount * chance,
                "is_gate": k == 2, "teams": 1,
            })  # fmt: skip
    return rows


def _cash() -> Rows:
    known = {
        ("purse:public", 2026): (5000.0, 4200.0, 1.0), ("purse:fund", 2026): (6000.0, 5100.0, 1.0),
        ("purse:public", 2027): (3800.0, 1200.0, 1.0), ("purse:fund", 2027): (4900.0, 4900.0, 0.9),
        ("purse:public", 2028): (2600.0, 0.0, 1.0), ("purse:fund", 2028): (2000.0, 0.0, 1.0),
        ("purse:public", 2029): (2600.0, 800.0, 0.8), ("purse:fund", 2029): (3000.0, 1900.0, 0.8),
    }  # fmt: skip
    return [
        {
            "year": year, "purse": purse, "available": available, "committed": committed,
            "expected": committed * share, "carried_over": available - committed,
        }
        for (purse, year), (available, committed, share) in known.items()
    ]  # fmt: skip


def _races() -> Rows:
    rows = []
    for challenge, chosen, success in (("ch:mems", 2, 0.46), ("ch:filter", 1, 0.4)):
        for teams in (1, 2, 3):
            extra = 900.0 * (teams - 1)
            rows.append({
                "challenge": challenge, "teams": teams, "cost": 5400.0 + extra,
                "extra_cost": extra, "success": success + 0.06 * (teams - 1),
                "gain": 0.0011 * (teams - 1) ** 0.5, "gain_se": 0.0002 * (teams > 1),
                "gain_per_money": 0.0011 / 0.9 if teams > 1 else None,
                "plan_per_money": 0.0048, "is_chosen": teams == chosen,
            })  # fmt: skip
    return rows


def _overrun() -> Rows:
    rows = []
    for gamma, price, risk in (
        (0.0, 0.0, 0.41), (1.0, 0.002, 0.12), (2.0, 0.004, 0.03), (3.0, 0.004, 0.03)
    ):  # fmt: skip
        for purse, factor in (("*", 1.0), ("purse:public", 0.9), ("purse:fund", 1.1)):
            rows.append({
                "gamma": gamma, "purse": purse, "value": 0.092 - price, "price": price,
                "cost": 19200.0 - 2000.0 * gamma, "n_funded": 4 - int(gamma > 1),
                "p_overrun": risk * factor, "p_overrun_se": 0.005, "challenges": "ch:resin",
                "is_plan": gamma == 0.0,
            })  # fmt: skip
    return rows


def _overrides() -> Rows:
    return [
        {"override": "ch:lens", "kind": "mandatory", "reason": "链主企业急需", "price": 0.0062,
         "price_se": 0.0008, "added": "ch:rfchip", "dropped": "ch:lens", "is_proved": True},
        {"override": "ch:eda", "kind": "excluded", "price": 0.0, "price_se": 0.0,
         "is_proved": False},
        {"override": "cond:1", "kind": "requires", "reason": "前者依托后者"},
    ]  # fmt: skip


def _money() -> Rows:
    return [
        {"purse": purse, "change": 0.05, "amount": amount, "cost": 0.9 * amount,
         "value_gain": gain, "gain_se": 0.0001, "dual": 1.6 * gain + 0.0002,
         "price": 1e-7, "is_proved": purse != "purse:social"}
        for purse, amount, gain in (
            ("purse:fund", 600.0, 0.0011), ("all", 1300.0, 0.0021),
            ("purse:public", 400.0, 0.0), ("purse:social", 300.0, 0.0005),
        )
    ]  # fmt: skip


def _joined() -> Rows:
    return [
        {"round": k, "value": value, "bound": 0.095, "surrogate_value": 60.0,
         "surrogate_gap": 0.004, "n_staffed": 7, "n_funded": 4, "is_kept": k == 1}
        for k, value in enumerate((0.089, 0.092, 0.0915))
    ]  # fmt: skip


def _selection() -> Rows:
    return [
        {"challenge": "ch:resin", "organisation": organisation, "frequency": share,
         "low": share - 0.1, "high": min(1.0, share + 0.08), "runs": 30, "in_plan": in_plan,
         "consortium_frequency": 0.6}
        for organisation, share, in_plan in (
            ("org:u1", 1.0, True), ("org:f1", 0.7, True), ("org:f4", 0.3, False)
        )
    ]  # fmt: skip


def _replacements() -> Rows:
    return [
        {"organisation": "org:u1", "name": "珠江理工大学",
         "name_en": "Pearl River Institute of Technology", "challenges": "ch:resin;ch:lens;ch:mems",
         "loss": 34.5, "own_loss": 14.5, "steps_in": "org:f3", "fails": "ch:lens",
         "is_irreplaceable": True, "is_proved": True},
        {"organisation": "org:f1", "name": "云山光学股份有限公司", "name_en": "Yunshan Optics",
         "challenges": "ch:resin", "loss": 2.75, "own_loss": 2.75,
         "steps_in": "org:f2;org:f3;org:f4", "is_irreplaceable": False, "is_proved": True},
    ]  # fmt: skip


def _alternatives() -> Rows:
    return [
        {"challenge": "ch:resin", "kind": kind, "rank": rank, "lead": "org:u1",
         "members": "org:u1;org:f2;org:i1", "leaves": "org:f1", "joins": joins,
         "objective": 21.4 - deficit, "deficit": deficit, "plan_loss": loss, "is_proved": proved}
        for kind, rank, joins, deficit, loss, proved in (
            ("team", 1, "org:f2", 0.8, 0.9, True), ("team", 2, "org:f3;org:f4", 1.6, 1.6, False),
            ("plan", 1, "org:f4", 0.4, None, None),
        )
    ]  # fmt: skip


def _scarcity() -> Rows:
    return [
        {"kind": "organisation", "subject": "org:f1", "name": "云山光学股份有限公司",
         "name_en": "Yunshan Optics", "price": 3.1, "gain": 1.3, "capacity": 2,
         "challenges": "ch:lens;ch:resin;ch:source"},
        {"kind": "organisation", "subject": "org:f2", "name": "科学城精密仪器有限公司",
         "name_en": "Science City Precision", "price": 0.4, "capacity": 1, "challenges": "ch:mems"},
        {"kind": "capability", "subject": "cap:pur", "name": "痕量金属纯化",
         "name_en": "Trace metal purification", "gain": 5.2, "challenges": "ch:source",
         "unlocks": "ch:source"},
        {"kind": "capability", "subject": "cap:ctl", "name": "实时控制",
         "name_en": "Real-time control", "gain": 0.0},
    ]  # fmt: skip


def _fairness() -> Rows:
    groups = (
        ("all", "all", 23, 14), ("size", "large", 5, 5), ("size", "small", 8, 4),
        ("kind", "university", 3, 4), ("site", "site:a", 9, 8), ("site", "unknown", 2, 0),
    )  # fmt: skip
    rows: Rows = [
        {
            "grouping": grouping, "group": group, "candidates": candidates,
            "candidate_share": candidates / 23, "seats": seats, "seat_share": seats / 14,
            "cost": 100.0 * seats, "cost_share": seats / 14,
            "gini": 0.42 if grouping == "all" else None,
        }
        for grouping, group, candidates, seats in groups
    ]  # fmt: skip
    rows.append({
        "grouping": "floor", "group": "small", "seat_share": 4 / 14, "floor": 0.35,
        "is_met": False, "price": 2.1, "share_after": 0.36,
    })  # fmt: skip
    return rows
