"""Records of one full name are one organisation, where nothing better can compare them.

Without the extra ``er`` records are joined by identifiers only. A registered full name
(region, brand, trade, legal form) is given once in its place, so that equal full names
are taken for one body, unless valid credit codes differ. Names that tell no kind of body
are left alone, and so is every other spelling.
"""

from __future__ import annotations

import datetime as dt
from itertools import count

import polars as pl

from jicheng.identifiers import Scheme, read
from jicheng.integrate.resolve import Judgement, Judgements, Verdict
from jicheng.integrate.resolve.names.parsing import parse_name
from jicheng.integrate.resolve.names.script import plain_name

__all__ = ["PROGRAM", "with_same_names"]

PROGRAM = "jicheng"
_WHEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # no clock: same input, same zone
_WHY = "全称相同（未安装 er） / same full name (without er)"


def with_same_names(records: pl.DataFrame, said: Judgements) -> tuple[Judgements, int]:
    """Put a judgement of the program before those of people for records of one full name.

    Parameters
    ----------
    records : polars.DataFrame
        ``id, name, credit_code``.
    said : Judgements
        What people decided; it goes before what is added.

    Returns
    -------
    judgements : Judgements
        Those added have negative numbers and are never kept in a file.
    added : int
        How many pairs.
    """
    groups: dict[str, list[tuple[str, str | None]]] = {}
    for own, name, code in records.sort("id").select("id", "name", "credit_code").iter_rows():
        if name and parse_name(name).kind:
            found = read(Scheme.CREDIT_CODE, code) if code else None
            valid = found.code if found is not None and found.is_valid else None
            groups.setdefault(plain_name(name), []).append((own, valid))
    numbers = count(-1, -1)
    added = [
        Judgement(next(numbers), group[0][0], own, Verdict.SAME, PROGRAM, _WHEN, _WHY)
        for group in groups.values()
        if len({code for _, code in group if code}) <= 1
        for own, _ in group[1:]
    ]
    return Judgements((*added, *said.rows)), len(added)
