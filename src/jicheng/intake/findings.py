"""All that was not read or needs a look, as a table: file, sheet, row, column, remedy."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from jicheng.errors import Fault

__all__ = ["findings_table"]

_COLUMNS = (
    "代码 code", "文件 file", "工作表 sheet", "行 row", "列 column",
    "问题 finding", "改法 remedy", "finding", "remedy",
)  # fmt: skip


def findings_table(faults: Sequence[Fault]) -> pl.DataFrame:
    """Return one row a finding, in the order of files, sheets and rows."""
    rows = [
        (
            one.code,
            one.where.table,
            one.where.sheet.removeprefix(one.where.table).lstrip("/"),
            one.where.row,
            one.where.column,
            one.message.zh,
            one.hint.zh,
            one.message.en,
            one.hint.en,
        )
        for one in faults
    ]
    schema = dict.fromkeys(_COLUMNS, pl.String) | {"行 row": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.sort("文件 file", "工作表 sheet", "行 row", maintain_order=True, nulls_last=False)
