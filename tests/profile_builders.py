"""Small zones with texts, and classifiers of a few capabilities, for tests of profiles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import polars as pl

from builders import make_zone
from jicheng import taxonomy
from jicheng.integrate.profile.classify import Classifier
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.retrieval import RetrievalSettings
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import installed_embedders
from jicheng.zone import Zone

ON = dt.date(2026, 11, 24)
MULTILAYER, DROPLET, OPTICS = (
    "cap:multilayer-coating", "cap:droplet-generation", "cap:projection-optics",
)  # fmt: skip
COATING_TEXT = (
    "采用直流溅射在超光滑基底上交替沉积40对钼与硅，周期厚度约6.9纳米，13.5纳米处近正入射反射率"
    "达到68.9%，界面互扩散经碳化硼阻隔层抑制。"
)
COATING_IN_ENGLISH = (
    "Alternating molybdenum and silicon films are sputtered on superpolished substrates so that "
    "13.5 nm light is reflected by interference; a boron carbide barrier stops interdiffusion."
)
CATERING_TEXT = "本店主营粤式早茶与外卖配送，选用当日鲜虾，提供包间预订，欢迎光临品尝。"


def some_capabilities(*ids: str) -> pl.DataFrame:
    """Return shipped capabilities, with their parents; default a handful."""
    wanted = list(ids or (MULTILAYER, DROPLET, OPTICS, "cap:optical-metrology"))
    table = taxonomy.load()
    leaves = table.filter(pl.col("id").is_in(wanted))
    assert leaves.height == len(wanted)
    return table.filter(pl.col("id").is_in([*wanted, *leaves["parent"].drop_nulls()]))


def text(id_: str, body: str, **values: Any) -> dict[str, Any]:
    """Return a row of texts: a patent of 2024 unless told."""
    return {"id": id_, "kind": "patent", "title": body[:12], "body": body, "period": 2024} | values


def party(text_: str, who: str, role: str = "owner") -> dict[str, Any]:
    return {"text": text_, "party": who, "role": role}


def firm(id_: str, **values: Any) -> dict[str, Any]:
    return {"id": id_, "name": id_, "kind": "firm"} | values


def text_zone(
    texts: Sequence[dict[str, Any]], parties: Sequence[dict[str, Any]], **tables: Any
) -> Zone:
    """Make a zone of three firms, one person, one facility and some texts."""
    rows: dict[str, Any] = {
        "organisations": [firm("org:a"), firm("org:b"), firm("org:c")],
        "people": [{"id": "per:p", "name": "甲", "organisation": "org:a", "kind": "person"}],
        "facilities": [{"id": "fac:f", "name": "镀膜机", "owner": "org:c"}],
        "texts": texts,
        "text_parties": parties,
    }
    return make_zone(**(rows | tables))


@cache
def words_classifier(*ids: str) -> Classifier:
    """Return a classifier by words alone."""
    return Classifier.of(some_capabilities(*ids), (), VectorCache(), settings=ProfileSettings())


@cache
def use_classifier() -> Classifier:
    """Return a classifier by words and the quick vectors; their package must be installed."""
    engines = installed_embedders(RetrievalSettings(engines=("use",)))
    return Classifier.of(some_capabilities(), engines, VectorCache())
