"""Before and after the plan: final products and countries, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    Chart,
    Option,
    both,
    category_axis,
    dated_source,
    frame,
    grid,
    in_language,
    legend,
    value_axis,
)
from jicheng.report.names import Names
from jicheng.report.tables import Column, ReportTable, count_cell, share_cell, text_cell
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import country, label, name_of, say, table_label

__all__ = ["countries", "exceedance", "losses"]

_ROW_HEIGHT = 44
_EDGES = 110
_MOST = 25
_MOST_COUNTRIES = 12


def losses(view: PlanView) -> Chart:
    """Return the expected loss of each final product, before and after the plan."""
    rows = [row for row in _products(view) if row["loss_before"] is not None]
    better = sum(
        row["loss_after"] is not None and row["loss_after"] < row["loss_before"] for row in rows
    )
    says = say("losses.says", products=len(rows), better=better)
    return _chart(view, "losses", rows, "loss", says, table_label("exposure"))


def exceedance(view: PlanView) -> Chart:
    """Return the probability that a product loses more than the threshold."""
    rows = [row for row in _products(view) if row["exceed_before"] is not None]
    threshold = view.threshold("loss")
    limit = say("not_recorded") if threshold is None else quantities.share(threshold)
    above = sum(row["exceed_after"] is not None and row["exceed_after"] >= 0.5 for row in rows)
    says = say("exceedance.says", limit=limit, above=above)
    return _chart(view, "exceedance", rows, "exceed", says, table_label("exposure"))


def countries(view: PlanView) -> Chart:
    """Return the loss if one country withholds all it supplies, before and after."""
    rows = sorted(
        (row for row in view.rows("countries") if row["loss_before"] is not None),
        key=lambda row: (-row["loss_before"], row["country"]),
    )
    worst = country(rows[0]["country"]) if rows else Text("", "")
    loss = quantities.share(rows[0]["loss_before"]) if rows else Text("", "")
    return Chart(
        id="countries",
        title=say("countries.title"),
        says=say("countries.says", country=worst, loss=loss) if rows else say("countries.missing"),
        alt=say("countries.alt", n=min(len(rows), _MOST_COUNTRIES)),
        source=dated_source(view, table_label("countries")),
        options=_options(
            "countries", rows[:_MOST_COUNTRIES], "loss", lambda row: country(row["country"])
        ),
        table=_country_table(rows),
        height=_height(min(len(rows), _MOST_COUNTRIES)),
        missing=None if rows else say("countries.missing"),
    )


def _products(view: PlanView) -> list[dict[str, Any]]:
    return sorted(
        view.rows("exposure"),
        key=lambda row: (-(row["loss_before"] or 0.0), row["technology"]),
    )


def _height(n: int) -> int:
    return _EDGES + _ROW_HEIGHT * max(2, min(n, _MOST))


def _chart(
    view: PlanView, name: str, rows: list[dict[str, Any]], field: str, says: Text, table: Text
) -> Chart:
    return Chart(
        id=name,
        title=say(f"{name}.title"),
        says=says if rows else say("exposure.missing"),
        alt=say(f"{name}.alt", n=len(rows)),
        source=dated_source(view, table),
        options=_options(name, rows, field, lambda row: name_of(row, row["technology"])),
        table=_product_table(rows, field, Names.of(view)),
        height=_height(len(rows)),
        missing=None if rows else say("exposure.missing"),
    )


def _options(
    chart: str, rows: list[dict[str, Any]], field: str, named: Callable[[Row], Text]
) -> dict[str, Option]:
    shown = rows[:_MOST]
    if not shown:
        return {}

    def option(language: str) -> Option:
        names = [in_language(named(row), language) for row in shown]
        return frame(
            in_language(say(f"{chart}.alt", n=len(rows)), language),
            legend=legend(
                data=[
                    {"name": in_language(say("side.before"), language), "icon": "emptyRect"},
                    {"name": in_language(say("side.after"), language), "icon": "circle"},
                ]
            ),
            grid=grid(),
            xAxis=value_axis(in_language(say(f"{chart}.x"), language), "fmt:percent", min=0),
            yAxis=category_axis(names, width=150),
            series=[
                _joined(shown, field),
                _series(shown, field, "before", names, language),
                _series(shown, field, "after", names, language),
            ],
        )

    return both(option)


def _joined(rows: list[dict[str, Any]], field: str) -> Option:
    return {
        "type": "custom",
        "renderItem": "draw:joined",
        "silent": True,
        "itemStyle": {"color": COLOURS["line"]},
        "encode": {"x": [0, 1], "y": 2},
        "data": [
            [row[f"{field}_before"], row[f"{field}_after"], position]
            for position, row in enumerate(rows)
            if row[f"{field}_after"] is not None
        ],
    }


def _series(
    rows: list[dict[str, Any]], field: str, when: str, names: list[str], language: str
) -> Option:
    """Return one point and its interval a row; the sides lie apart and differ in shape."""
    data = []
    for position, row in enumerate(rows):
        value = row[f"{field}_{when}"]
        if value is None:
            continue
        low, high = row.get(f"{field}_{when}_low"), row.get(f"{field}_{when}_high")
        cell = share_cell(value, low, high)
        interval = f" [{in_language(cell.interval, language)}]" if cell.interval else ""
        head = in_language(say(f"side.{when}"), language)
        data.append({
            "name": names[position],
            "value": [value, value if low is None else low, value if high is None else high,
                      position],
            "lines": [f"{head}  {in_language(cell.text, language)}{interval}"],
        })  # fmt: skip
    return {
        "type": "custom",
        "name": in_language(say(f"side.{when}"), language),
        "renderItem": f"draw:{when}",
        "itemStyle": {"color": COLOURS["muted" if when == "before" else "accent"]},
        "encode": {"x": [0, 1, 2], "y": 3},
        "data": data,
    }


def _product_table(rows: list[dict[str, Any]], field: str, names: Names) -> ReportTable:
    return ReportTable.of(
        [
            Column("name", label("exposure", "name")),
            Column("chain", label("exposure", "chain")),
            Column("before", label("exposure", f"{field}_before"), is_number=True),
            Column("after", label("exposure", f"{field}_after"), is_number=True),
            Column("unscored", label("exposure", "n_unscored"), is_number=True),
        ],
        [
            [
                text_cell(name_of(row, row["technology"]), link=row["technology"]),
                text_cell(names.place(row["chain"])),
                _side(row, f"{field}_before"),
                _side(row, f"{field}_after"),
                count_cell(row["n_unscored"], missing="not_computed"),
            ]
            for row in rows
        ],
    )


def _side(row: Row, name: str) -> Any:
    return share_cell(
        row[name], row.get(f"{name}_low"), row.get(f"{name}_high"), missing="not_computed"
    )


def _country_table(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable.of(
        [
            Column("country", label("countries", "country")),
            Column("weight", label("countries", "weight"), is_number=True),
            Column("n_items", label("countries", "n_items"), is_number=True),
            Column("before", label("countries", "loss_before"), is_number=True),
            Column("after", label("countries", "loss_after"), is_number=True),
        ],
        [
            [
                text_cell(country(row["country"])),
                share_cell(row["weight"]),
                count_cell(row["n_items"]),
                share_cell(row["loss_before"], missing="not_computed"),
                share_cell(row["loss_after"], missing="not_computed"),
            ]
            for row in rows
        ],
    )
