"""Names in English that another list gives for a Chinese name: the same body, said so."""

from __future__ import annotations

import re

import polars as pl

from jicheng.integrate.resolve.names.script import is_chinese, plain_name

__all__ = ["with_chinese_names"]


def with_chinese_names(organisations: pl.DataFrame) -> pl.DataFrame:
    """Give records that are only named in English the Chinese name that a record gives for it.

    A list that says 广州某某有限公司 = Guangzhou ... Co., Ltd. settles who an English applicant
    is. Nothing is done where two Chinese names go by one English name.
    """
    known: dict[str, set[str]] = {}
    for name, english in organisations.select("name", "name_en").drop_nulls().iter_rows():
        if is_chinese(name):
            known.setdefault(_bare(english), set()).add(name)
    settled = {english: min(names) for english, names in known.items()
               if len({plain_name(name) for name in names}) == 1}  # fmt: skip

    def chinese(name: str | None, english: str | None) -> str | None:
        said = name or english
        if said is None or is_chinese(said):
            return name
        return settled.get(_bare(said), name)

    rows = organisations.select("name", "name_en").iter_rows()
    names = pl.Series("name", [chinese(*row) for row in rows], dtype=pl.String)
    was_latin = organisations["name"].ne_missing(names)
    english = pl.coalesce(pl.col("name_en"), pl.when(pl.lit(was_latin)).then(pl.col("name")))
    return organisations.with_columns(name_en=english).with_columns(names)


def _bare(name: str) -> str:
    """Return an English name without signs, case and legal form."""
    plain = re.sub(r"[^a-z0-9]+", " ", plain_name(name)).strip()
    return re.sub(r"( (co|ltd|limited|inc|corp|company|llc|gmbh))+$", "", plain)
