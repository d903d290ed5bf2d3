"""Keys of a column of names: what records that may be one organisation share."""

from __future__ import annotations

from functools import cache

import polars as pl

from jicheng.integrate.resolve.names.parsing import parse_name

__all__ = ["KEYS", "name_keys", "sound_of"]

KEYS = ("core", "brand", "sound", "named_region", "named_industry", "form", "unit", "named_kind")


@cache
def _pinyin_table() -> dict[str, str]:
    """Return the table that ``sound_of`` fills; empty of letters without pypinyin."""
    return {}


def sound_of(brand: str) -> str:
    """Return the pinyin of a brand, or its letters; empty without pypinyin.

    Notes
    -----
    Character by character: the reading of a polyphone is its commonest one, the same in
    every name, and a million names take a second.
    """
    table = _pinyin_table()
    parts = []
    for one in brand:
        sound = table.get(one)
        if sound is None:
            sound = table[one] = _sound(one)
        parts.append(sound)
    return "".join(parts)


def _sound(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else ""
    try:
        from pypinyin import lazy_pinyin  # noqa: PLC0415 - optional extra
    except ImportError:
        return ""
    return "".join(lazy_pinyin(character, errors="ignore"))


def name_keys(names: pl.Series) -> pl.DataFrame:
    """Return the keys of names, one row each.

    Parameters
    ----------
    names : polars.Series of str
        Names; empty ones have no keys.

    Returns
    -------
    polars.DataFrame
        ``KEYS`` as text: ``core`` (brand + industry, ``|`` and the unit), ``brand``,
        ``sound`` (pinyin of the brand, or its Latin letters), region, industry, legal
        form, unit and kind that the name says. Not said = null.
    """
    found = []
    for name in names:
        parts = parse_name(name or "")
        found.append(
            (parts.core, parts.brand, sound_of(parts.brand), parts.region, parts.industry,
             parts.form, parts.unit, parts.kind)
        )  # fmt: skip
    frame = pl.DataFrame(found, schema=dict.fromkeys(KEYS, pl.String), orient="row")
    return frame.with_columns(pl.when(pl.col(key) != "").then(pl.col(key)) for key in KEYS)
