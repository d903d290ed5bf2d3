"""Regions at the start of a name, in brackets, or in pinyin."""

from __future__ import annotations

from functools import cache

from jicheng.integrate.resolve.names.vocabulary import Region, regions

__all__ = ["latin_region", "leading_regions", "region_named"]

_LONGEST = 10
_ENDINGS = ("省", "市", "自治区", "特别行政区")


@cache
def _forms() -> dict[str, Region]:
    """Return every spelling; the short name of a district is too common a word."""
    forms: dict[str, Region] = {}
    for region in regions():
        forms.setdefault(region.name + region.suffix, region)
        if region.level != "district":
            forms.setdefault(region.name, region)
            for ending in ("市", "省") if region.level == "city" else _ENDINGS:
                forms.setdefault(region.name + ending, region)
    return forms


@cache
def _latin() -> dict[str, Region]:
    return {region.pinyin: region for region in reversed(regions()) if region.level != "district"}


def region_named(text: str) -> Region | None:
    """Return the region that a text names, whole."""
    return _forms().get(text)


def latin_region(word: str) -> Region | None:
    """Return the region that a word of small letters names."""
    return _latin().get(word)


def leading_regions(name: str) -> tuple[tuple[Region, ...], str]:
    """Part a name into the regions at its start, widest first, and the rest.

    Returns
    -------
    tuple
        At most three regions, each inside the one before, and what follows them.
    """
    found: list[Region] = []
    forms = _forms()
    while len(found) < 3:
        for length in range(min(_LONGEST, len(name) - 1), 1, -1):
            region = forms.get(name[:length])
            if region is not None and (not found or _is_inside(region, found)):
                found.append(region)
                name = name[length:]
                break
        else:
            break
    return tuple(found), name


def _is_inside(region: Region, found: list[Region]) -> bool:
    """Return whether a region may follow those before it: 海南+吉林 is a brand, not a place."""
    return region.parent in {one.name for one in found}
