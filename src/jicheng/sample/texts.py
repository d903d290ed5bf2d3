"""Made-up texts that show what holders of the sample can do.

Patents, papers, product sheets, test reports, projects and pages on equipment are
written from hand-made sentences (``sample/data/text_patterns.csv``) and the words of the
shipped taxonomy. They only tell what the table ``holdings`` says: a text shows a
capability of a holder that holds it, and its parties are such that reading the texts
finds no holder where the planted truth has none. What is only self-reported has no text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from jicheng.sample.chains import Chains
from jicheng.sample.frames import AS_OF, PERIOD, data, number_ids, table_of
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["texts_tables"]

_KINDS = {"专利": "patent", "论文": "paper", "产品验证": "product", "检测报告": "report"}
_TIES = {"patent": "co_patent", "paper": "co_author", "project": "project"}
_ENGLISH = {"patent": 0.15, "paper": 0.5, "product": 0.1, "report": 0.0, "project": 0.1,
            "equipment": 0.0}  # fmt: skip
_SECOND = 0.3  # chance of a project beside the text that the holding names
_PARTNER = 0.6  # chance that a known partner is a party
_LICENCE = "Apache-2.0"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ZH = re.compile("[，；：]")  # clauses of a Chinese description
_EN = re.compile(r"(?<=\w)[,:] (?!such as|and |or |[^(]*\))")  # and of an English one


@dataclass(frozen=True, slots=True)
class _Words:
    """What the taxonomy says of a capability, by language, ready for a sentence."""

    names: Mapping[str, str]
    fields: Mapping[str, str]
    terms: Mapping[str, Sequence[str]]
    clauses: Mapping[str, Sequence[str]]
    classes: Sequence[str]


@dataclass
class _Rows:
    """Rows of the three tables while they are written; texts are numbered from 0."""

    texts: list[dict[str, Any]] = field(default_factory=list)
    parties: list[tuple[int, str, str]] = field(default_factory=list)
    evidence: list[tuple[int, str, str, float, str]] = field(default_factory=list)


def texts_tables(
    tables: Mapping[str, pl.DataFrame],
    chains: Chains,
    scarce: pl.DataFrame,
    scale: Scale,
    seed: int,
) -> dict[str, pl.DataFrame]:
    """Return the tables ``texts``, ``text_parties`` and ``evidence`` (stream ``texts``).

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``holdings``, ``ties``, ``people``, ``facilities`` and ``challenges`` of the zone.
    chains : Chains
        Whose capabilities lend their words, and whose needs are written of first.
    scarce : polars.DataFrame
        Column ``capability``: what the planted truth made scarce. A text on such a
        capability has no party that does not hold it.
    scale : Scale
        ``n_texts`` is the most holdings that texts are written about.
    seed : int
        Seed of the sample.

    Notes
    -----
    The share of holdings with a text is made up. Capabilities that challenges need come
    first, so that consortia have something to show.
    """
    rng = stream(seed, "texts")
    writer = _Writer(tables, chains, frozenset(scarce["capability"]), rng)
    for holder, capability, kind in _chosen(tables, chains, scale, rng).iter_rows():
        writer.write(holder, capability, _KINDS[kind])
        if rng.random() < _SECOND:
            writer.write(holder, capability, "project")
    for name, title, owner in tables["facilities"].select("id", "name", "owner").iter_rows():
        writer.write_equipment(name, title, owner)
    return _tables(writer.rows)


def _chosen(
    tables: Mapping[str, pl.DataFrame], chains: Chains, scale: Scale, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the holdings that texts are written about: holder, capability, evidence."""
    asked = chains.needs.join(
        tables["challenges"].select("technology").unique(), on="technology", how="semi"
    )["capability"].unique()
    shown = tables["holdings"].filter(pl.col("evidence").is_in(list(_KINDS)))
    ranked = shown.with_columns(pl.Series("order", rng.random(shown.height))).sort(
        ~pl.col("capability").is_in(asked.implode()),
        -pl.col("level").fill_null(0.0).round(1),
        "order",
    )
    return ranked.head(scale.n_texts).select("holder", "capability", "evidence")


class _Writer:
    """Write texts one after the other, with the parties that each may have."""

    def __init__(
        self,
        tables: Mapping[str, pl.DataFrame],
        chains: Chains,
        scarce: frozenset[str],
        rng: np.random.Generator,
    ) -> None:
        self.rows = _Rows()
        self._rng = rng
        self._scarce = scarce
        self._words = _words(chains.capabilities)
        self._held: dict[str, list[str]] = {}
        for holder, capability in tables["holdings"].select("holder", "capability").iter_rows():
            self._held.setdefault(holder, []).append(capability)
        people = tables["people"].drop_nulls("organisation")
        self._host: dict[str, str] = dict(people.select("id", "organisation").iter_rows())
        self._partners: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for a, b, kind, period in tables["ties"].select("a", "b", "kind", "period").iter_rows():
            self._partners.setdefault((a, kind), []).append((b, period))
            self._partners.setdefault((b, kind), []).append((a, period))

    def write(self, holder: str, capability: str, kind: str) -> None:
        """Write a text of ``kind`` by which ``holder`` shows ``capability``."""
        period = int(self._rng.integers(PERIOD - 9, PERIOD + 1))
        partner, known_since = self._partner(holder, capability, kind)
        number, sentence = self._compose(capability, kind, known_since or period)
        parties, host = self.rows.parties, self._host.get(holder)
        parties.append((number, holder, "author" if host else "owner"))
        if host and self._may_be_party(host, capability):
            parties.append((number, host, "owner"))
        self._show(number, holder, capability, sentence)
        if partner and partner != host:
            parties.append((number, partner, "partner"))
            if capability in self._held.get(partner, ()):
                self._show(number, partner, capability, sentence)

    def write_equipment(self, facility: str, title: str, owner: str | None) -> None:
        """Write a page on a facility that serves a capability of its owner, if it has any."""
        held = self._held.get(owner or "", [])
        if owner is None or not held:
            return
        capability = self._one_of(held)
        number, sentence = self._compose(capability, "equipment", PERIOD, item=title)
        self.rows.parties += [(number, facility, "partner"), (number, owner, "owner")]
        self._show(number, owner, capability, sentence)

    def _one_of(self, things: Sequence[Any]) -> Any:
        return things[int(self._rng.integers(len(things)))]

    def _show(self, number: int, holder: str, capability: str, sentence: str) -> None:
        score = round(float(self._rng.uniform(0.7, 0.98)), 2)
        self.rows.evidence.append((number, holder, capability, score, sentence))

    def _may_be_party(self, name: str, capability: str) -> bool:
        return capability not in self._scarce or capability in self._held.get(name, ())

    def _partner(self, holder: str, capability: str, kind: str) -> tuple[str | None, int | None]:
        """Return somebody the holder has such a tie with, and its year."""
        known = self._partners.get((holder, _TIES.get(kind, "")), ())
        if not known or self._rng.random() >= _PARTNER:
            return None, None
        name, period = self._one_of(known)
        return (name, period) if self._may_be_party(name, capability) else (None, None)

    def _compose(
        self, capability: str, kind: str, period: int, *, item: str = ""
    ) -> tuple[int, str]:
        """Write a text; return its number and the sentence that shows the capability."""
        words, rng = self._words[capability], self._rng
        language = "en" if rng.random() < _ENGLISH[kind] else "zh"
        first, *rest = words.clauses[language]
        can = [first, self._one_of(rest)] if rest else [first]
        fill = {
            "name": words.names[language],
            "field": words.fields[language],
            "term": self._one_of(words.terms[language]),
            "can": ("，" if language == "zh" else ", ").join(can),
            "n": int(rng.integers(8, 45)),
            "m": int(rng.integers(3, 30)),
            "k": int(rng.integers(2, 6)),
            "item": item,
        }
        said = {
            part: _capital(self._one_of(choices).format(**fill))
            for part, choices in _patterns()[kind, language].items()
        }
        number, between = len(self.rows.texts), "" if language == "zh" else " "
        self.rows.texts.append({
            "kind": kind,
            "title": said["title"],
            "body": between.join(said[part] for part in ("opening", "evidence", "closing")),
            "number": f"SAMPLE-{kind.upper()}-{number + 1:06d}",
            "codes": ";".join(words.classes[:2]) if kind == "patent" else None,
            "period": period,
        })  # fmt: skip
        return number, said["evidence"]


@cache
def _patterns() -> dict[tuple[str, str], dict[str, list[str]]]:
    patterns: dict[tuple[str, str], dict[str, list[str]]] = {}
    for kind, language, part, pattern in data("text_patterns").iter_rows():
        patterns.setdefault((kind, language), {}).setdefault(part, []).append(pattern)
    return patterns


def _words(capabilities: pl.DataFrame) -> dict[str, _Words]:
    """Take the descriptions of the taxonomy apart into clauses."""
    rows = {row["id"]: row for row in capabilities.iter_rows(named=True)}
    words: dict[str, _Words] = {}
    for name, row in rows.items():
        above = rows[row["parent"] or name]
        terms = row["terms"].split(";")
        words[name] = _Words(
            names={"zh": row["name"], "en": _small(row["name_en"])},
            fields={"zh": above["name"], "en": _small(above["name_en"])},
            terms={"zh": [t for t in terms if _HAN.search(t)] or [row["name"]],
                   "en": [t for t in terms if not _HAN.search(t)] or [_small(row["name_en"])]},
            clauses={"zh": _ZH.split(row["description"].rstrip("。")),
                     "en": _EN.split(_small(row["description_en"].rstrip(".")))},
            classes=(row["ipc"] or "").split(";"),
        )  # fmt: skip
    return words


def _small(text: str) -> str:
    """Write the first letter small, unless the word is an abbreviation or a symbol."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _tables(rows: _Rows) -> dict[str, pl.DataFrame]:
    ids = number_ids("text", len(rows.texts))
    shown = pl.DataFrame(
        rows.evidence, ["number", "holder", "capability", "score", "sentence"], orient="row"
    )
    parties = pl.DataFrame(rows.parties, ["number", "party", "role"], orient="row")
    texts = pl.DataFrame(rows.texts, infer_schema_length=None).with_columns(
        ids, licence=pl.lit(_LICENCE), retrieved=pl.lit(AS_OF)
    )
    return {
        "texts": table_of("texts", texts),
        "text_parties": table_of(
            "text_parties",
            parties.with_columns(text=ids.gather(parties["number"])).unique(
                ["text", "party", "role"], keep="first", maintain_order=True
            ),
        ),
        "evidence": table_of(
            "evidence",
            shown.with_columns(text=ids.gather(shown["number"])).unique(
                ["holder", "capability", "text"], keep="first", maintain_order=True
            ),
        ),
    }
