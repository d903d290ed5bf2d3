"""Made-up names of firms and persons, in Chinese and in English.

A firm is region + brand + industry word + legal form, as in the registry. Brands are
two rare syllables; a short list keeps out brands that are well known. No name is
meant to be anybody's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.frames import data

__all__ = ["brands", "firm_names", "part", "person_names"]


def part(name: str) -> list[tuple[str, str]]:
    """Return the pairs (Chinese, English) of a kind of ``sample/data/names.csv``."""
    rows = data("names").filter(pl.col("part") == name)
    return list(zip(rows["zh"], rows["en"], strict=True))


@cache
def brands() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the brands of two syllables, and those of three, without the blocked ones.

    Returns
    -------
    tuple of polars.DataFrame
        Columns ``brand`` and ``brand_en``.
    """
    blocked = {zh for zh, _ in part("blocked")}
    two = [
        (a + b, a_en + b_en)
        for a, a_en in part("brand_first")
        for b, b_en in part("brand_second")
        if a + b not in blocked
    ]
    three = [
        (brand + b, brand_en + b_en)
        for brand, brand_en in two
        for b, b_en in part("brand_second")
        if b not in brand
    ]
    columns = ["brand", "brand_en"]
    return (
        pl.DataFrame(two, schema=columns, orient="row"),
        pl.DataFrame(three, schema=columns, orient="row"),
    )


def firm_names(
    words: pl.DataFrame, is_joint_stock: NDArray[np.bool_], rng: np.random.Generator
) -> pl.DataFrame:
    """Name one firm for each row of ``words``, none twice.

    Parameters
    ----------
    words : polars.DataFrame
        Columns ``word`` and ``word_en``: the firm's industry as its name says it.
    is_joint_stock : ndarray of bool, shape (n,)
        Whether the legal form is a company limited by shares.
    rng : numpy.random.Generator
        Source of the brands.

    Returns
    -------
    polars.DataFrame
        Columns ``name`` and ``name_en``, in the order of ``words``. Where an industry
        word has more firms than there are short brands, the rest have longer ones.
    """
    short, long = brands()
    pool = pl.concat([short, long])
    region, region_en = part("region")[0]
    (plain, plain_en), (joint, joint_en) = part("legal_form")
    chosen = np.empty(words.height, dtype=np.int64)
    for _, rows in words.with_row_index("row").group_by("word", maintain_order=True):
        at = rows["row"].to_numpy()
        more = short.height + rng.choice(
            long.height, max(0, at.size - short.height), replace=False, shuffle=False
        )
        chosen[at] = np.concatenate([rng.permutation(short.height), more])[: at.size]
    frame = words.select("word", "word_en").with_columns(
        *pool[chosen].get_columns(), pl.Series("joint", is_joint_stock)
    )
    form = pl.when("joint").then(pl.lit(joint)).otherwise(pl.lit(plain))
    form_en = pl.when("joint").then(pl.lit(joint_en)).otherwise(pl.lit(plain_en))
    return frame.select(
        name=pl.concat_str(pl.lit(region), "brand", "word", form),
        name_en=pl.concat_str(pl.lit(region_en + " "), "brand_en", pl.lit(" "), "word_en",
                              pl.lit(" "), form_en),
    )  # fmt: skip


def person_names(count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return ``count`` names of persons; some are alike, as in life.

    Returns
    -------
    polars.DataFrame
        Columns ``name`` and ``name_en``.
    """
    rows: list[tuple[str, str]] = []
    surnames, first, second = part("surname"), part("given_first"), part("given_second")
    draws = rng.random((count, 3))
    for a, b, c in draws:
        family, family_en = surnames[int(a * len(surnames))]
        one, one_en = first[int(b * len(first))]
        two, two_en = second[int(c * len(second))]
        rows.append((family + one + two, f"{family_en} {one_en}{two_en}"))
    return pl.DataFrame(rows, schema=["name", "name_en"], orient="row")
