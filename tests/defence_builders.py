"""Made-up tables that defend a portfolio, for tests of the report: nothing computed."""

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
    """Return years, races, risk and prices of decisions of the made-up plan."""
    return {
        "schedule": _schedule(),
        "cash": _cash(),
        "races": _races(),
        "overrun": _overrun(),
        "overrides": _overrides(),
        "money": _money(),
        "joined": _joined(),
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
