"""Money: what each purse pays, and the best value at each amount."""

from __future__ import annotations

from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    CROSS,
    Chart,
    Option,
    both,
    category_axis,
    dated_source,
    frame,
    grid,
    in_language,
    legend,
    money_axis,
    points_cell,
    value_axis,
)
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    count_cell,
    effect_cell,
    money_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, label, name_of, say, table_label

__all__ = ["front", "purses"]

_ROW_HEIGHT = 34
_EDGES = 96


def purses(view: PlanView) -> Chart:
    """Return what each purse pays and what is left in it."""
    paid: dict[str, float] = {}
    for row in view.rows("funding"):
        paid[row["purse"]] = paid.get(row["purse"], 0.0) + (row["amount"] or 0.0)
    rows = [row | {"paid": paid.get(row["id"], 0.0)} for row in view.zone_rows("purses")]
    known = {row["id"] for row in rows}
    rows += [
        {"id": purse, "name": purse, "kind": None, "amount": None, "paid": total}
        for purse, total in sorted(paid.items())
        if purse not in known
    ]
    total, available = sum(paid.values()), sum(row["amount"] or 0.0 for row in rows)
    says = say(
        "purses.says",
        paid=quantities.money(total, view.currency),
        available=quantities.money(available, view.currency),
    )
    return Chart(
        id="purses",
        title=say("purses.title"),
        says=says if rows else say("purses.missing"),
        alt=say("purses.alt", sentence=says),
        source=dated_source(view, table_label("funding"), table_label("purses")),
        options=both(lambda language: _purse_option(rows, view, language)) if rows else {},
        table=_purse_table(rows, view),
        height=_EDGES + _ROW_HEIGHT * max(2, len(rows)),
        missing=None if rows else say("purses.missing"),
    )


def _purse_option(rows: list[dict[str, Any]], view: PlanView, language: str) -> Option:
    names = [in_language(name_of(row, row["id"]), language) for row in rows]

    def bar(key: str, amounts: list[float], colour: str) -> Option:
        name = in_language(say(f"purses.{key}"), language)
        return {
            "type": "bar", "stack": "money", "barMaxWidth": 20, "name": name,
            "itemStyle": {"color": colour, "borderColor": COLOURS["soft"], "borderWidth": 0.5},
            "data": [
                {"value": amount, "name": names[k], "lines": [
                    f"{name}  {in_language(quantities.money(amount, view.currency), language)}"
                ]}
                for k, amount in enumerate(amounts)
            ],
        }  # fmt: skip

    left = [max(0.0, (row["amount"] or 0.0) - row["paid"]) for row in rows]
    return frame(
        in_language(say("purses.alt", sentence=""), language),
        legend=legend(),
        grid=grid(top=36),
        xAxis=money_axis(say("purses.x"), view, language),
        yAxis=category_axis(names, width=170),
        series=[
            bar("paid", [row["paid"] for row in rows], COLOURS["accent"]),
            bar("left", left, "#e8ecf1"),
        ],
    )


def _purse_table(rows: list[dict[str, Any]], view: PlanView) -> ReportTable:
    unit = quantities.money_unit(view.currency)
    return ReportTable.of(
        [
            Column("name", say("purses.name")),
            Column("kind", say("purses.kind")),
            Column("available", say("purses.available"), unit, is_number=True),
            Column("paid", say("purses.paid"), unit, is_number=True),
            Column("left", say("purses.left"), unit, is_number=True),
        ],
        [
            [
                text_cell(name_of(row, row["id"])),
                text_cell(choice("purse_kind", row["kind"])),
                money_cell(row["amount"]),
                money_cell(row["paid"]),
                money_cell(None if row["amount"] is None else row["amount"] - row["paid"]),
            ]
            for row in rows
        ],
    )


def front(view: PlanView) -> Chart:
    """Return the best value at each amount of money, with knee and plan marked."""
    rows = [
        row for row in view.rows("front") if row["value"] is not None and row["cost"] is not None
    ]
    plan = next((row for row in rows if row["is_plan"]), None)
    knee = next((row for row in rows if row["is_knee"]), None)
    says = say("front.says_plain")
    if plan and knee:
        says = say(
            "front.says",
            plan=quantities.money(plan["cost"], view.currency),
            value=quantities.effect(plan["value"]),
            knee=quantities.money(knee["cost"], view.currency),
            knee_value=quantities.effect(knee["value"]),
        )
    return Chart(
        id="front",
        title=say("front.title"),
        says=says if rows else say("front.missing"),
        alt=say("front.alt", sentence=says),
        source=dated_source(view, table_label("front")),
        options=both(lambda language: _front_option(rows, view, language)) if rows else {},
        table=_front_table(rows, view),
        height=340,
        missing=None if rows else say("front.missing"),
    )


def _front_option(rows: list[dict[str, Any]], view: PlanView, language: str) -> Option:
    points = [_front_point(row, view, language) for row in rows]
    marks = [
        {
            "name": in_language(say(f"front.{kind}"), language),
            "coord": point["value"],
            "symbol": symbol,
            "symbolSize": 14,
            "itemStyle": {"color": colour},
            "label": {
                "formatter": "{b}", "position": position, "color": COLOURS["text"],
                "fontSize": 12, "distance": 8,
            },
        }
        for row, point in zip(rows, points, strict=True)
        for kind, symbol, colour, position in (
            ("knee", "diamond", COLOURS["watch"], "top"),
            ("plan", "circle", COLOURS["accent"], "top"),
        )
        if row[f"is_{kind}"]
    ]  # fmt: skip
    band = [
        [row["cost"], max(0.0, row["value"] - row["value_se"]), row["value"] + row["value_se"]]
        for row in rows
        if row["value_se"] is not None
    ]
    return frame(
        in_language(say("front.alt", sentence=""), language),
        legend=legend(
            data=[
                {"name": in_language(say("front.error"), language), "icon": CROSS},
                {"name": in_language(say("front.line"), language)},
            ]
        ),
        grid=grid(left=20, right=32, top=44),
        xAxis=money_axis(say("front.x"), view, language),
        yAxis=value_axis(
            in_language(say("front.y"), language), "fmt:percent", min=0, nameGap=44
        ),
        series=[
            {
                "type": "custom", "name": in_language(say("front.error"), language),
                "renderItem": "draw:whisker", "itemStyle": {"color": COLOURS["soft"]},
                "encode": {"x": 0, "y": [1, 2]}, "silent": True, "tooltip": {"show": False},
                "data": band,
            },
            {
                "type": "line", "name": in_language(say("front.line"), language), "step": "end",
                "symbol": "circle", "symbolSize": 6, "data": points,
                "lineStyle": {"color": COLOURS["accent"], "width": 2},
                "itemStyle": {"color": COLOURS["accent"]},
                "markPoint": {"data": marks},
            },
        ],
    )  # fmt: skip


def _front_point(row: Row, view: PlanView, language: str) -> Option:
    value = in_language(quantities.effect(row["value"]), language)
    error = "" if row["value_se"] is None else f" ± {row['value_se'] * 100:.2f}%"
    return {
        "name": in_language(quantities.money(row["cost"], view.currency), language),
        "value": [row["cost"], row["value"]],
        "lines": [
            f"{in_language(label('front', 'value'), language)}  {value}{error}",
            f"{in_language(label('front', 'n_funded'), language)}  {row['n_funded']}",
        ],
    }


def _front_table(rows: list[dict[str, Any]], view: PlanView) -> ReportTable:
    unit = quantities.money_unit(view.currency)
    return ReportTable.of(
        [
            Column("budget", label("front", "budget"), unit, is_number=True),
            Column("cost", label("front", "cost"), unit, is_number=True),
            Column("value", label("front", "value"), is_number=True),
            Column("value_se", label("front", "value_se"), is_number=True),
            Column("n_funded", label("front", "n_funded"), is_number=True),
            Column("mark", say("front.mark")),
        ],
        [
            [
                money_cell(row["budget"]),
                money_cell(row["cost"]),
                effect_cell(row["value"]),
                points_cell(row["value_se"]),
                count_cell(row["n_funded"]),
                _front_mark(row),
            ]
            for row in rows
        ],
    )


def _front_mark(row: Row) -> Cell:
    words = [say(f"front.{kind}") for kind in ("plan", "knee") if row[f"is_{kind}"]]
    if not words:
        return state_cell("not_applicable")
    return text_cell(Text("、".join(w.zh for w in words), ", ".join(w.en for w in words)))
