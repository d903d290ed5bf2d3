"""The same points as anybody would write them with pandas: a reference to compare with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

WHOLE = [
    "rd_expense", "invention_applications", "pct_applications", "tech_contract_value",
    "ht_product_income", "revenue", "rd_superdeduction_tax_saved", "graduates_hired",
    "provincial_platforms_2y", "provincial_awards_2y", "provincial_projects_2y",
    "venture_capital",
]  # fmt: skip


def score_with_pandas(columns: dict[str, Any]) -> tuple[Any, Any]:
    """Return points from and to of every firm."""
    facts = pd.DataFrame(columns)
    values = pd.DataFrame({name: np.log1p(facts[name].clip(lower=0)) for name in WHOLE})
    net_assets = (facts["assets_total"] - facts["liabilities"]).clip(lower=0)
    values["rd_growth"] = ratio(facts["rd_expense"], facts["rd_expense_before"]) - 1
    values["rd_intensity"] = ratio(facts["rd_expense"], facts["revenue"])
    values["tech_staff_share"] = ratio(facts["tech_staff"], facts["staff_total"])
    values["revenue_growth"] = ratio(facts["revenue"], facts["revenue_before"]) - 1
    values["postgraduate_share"] = facts["postgraduate_share"]
    values["net_asset_margin"] = ratio(facts["net_profit"], net_assets)
    weight = 100 / values.shape[1]
    low = pd.Series(0.0, index=facts.index)
    high = pd.Series(0.0, index=facts.index)
    for name in values:
        column = values[name]
        by_stage = column.groupby(facts["stage"])
        by_group = column.groupby([facts["stage"], facts["tech_field"]])
        own = (by_group.transform("count") / 30).clip(upper=1)
        ends = []
        for level in (0.05, 0.95):
            stage = by_stage.transform("quantile", level)
            group = by_group.transform("quantile", level)
            ends.append(stage + own * (group.fillna(stage) - stage))
        start, stop = ends
        is_step = stop <= start + 1e-9 * np.maximum(1, start.abs())
        share = ((column - start) / (stop - start).where(~is_step)).clip(0, 1)
        share = share.where(~is_step, (column > start + 1e-9).astype(float))
        share = share.where(column.notna())
        low += weight * share.fillna(0)
        high += weight * share.fillna(1)
    return low.to_numpy(), high.to_numpy()


def ratio(above: Any, below: Any) -> Any:
    """Return a quotient; unknown over zero."""
    return above / below.where(below != 0)
