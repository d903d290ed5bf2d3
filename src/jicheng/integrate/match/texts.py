"""What the texts of a zone say for each candidate.

A text counts for everybody who owns it, wrote it or took part in it; what a person wrote
counts for the organisation where they work too, and who only paid for it is no witness.
With z the likeness of a text to the query [standard deviations above the mean text of its
language; sum over the engines by their weights, divided by the sum of these weights] and
z(1) >= z(2) >= ... those of a candidate's texts,

    likeness = v / (v + h),  v = sum over r of a_r max(0, z(r) - 1),  a = 1, 1/2, 1/4

so that one text that fits is enough, more of them help less and less, and nobody loses by
having many texts. What lies within one standard deviation is noise: without the 1 those with
many texts would win by them (on the needs for choosing weights, with 0 to 20 other texts a
holder, nDCG .444 without it and .462 with it; .461 by the best text alone). A facility
without any text is compared by its name and kind, and a firm by the technologies that it
supplies too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault
from jicheng.integrate.match.levels import Interval
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.match.settings import MatchSettings
from jicheng.retrieval import Corpus, Hits, RetrievalSettings, TextIndex
from jicheng.retrieval.embedding import Embedder
from jicheng.retrieval.index import Progress
from jicheng.zone import Zone

__all__ = ["Likeness", "PartyTexts", "likeness_of"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_NAMEPLATE = "nameplate/"  # before the id of whom a name stands for a text
_SOLD = "/sells/"
_COLUMNS = ("id", "kind", "title", "number", "period", "source")


@dataclass(frozen=True, eq=False)
class Likeness:
    """How like a query the texts of the candidates are.

    Attributes
    ----------
    value : Interval
        Likeness of each candidate, shape (n,); without any text there is no data.
    party, row, z : ndarray, shape (k,)
        Texts that count: whose, which row of the corpus, its z; by candidate, best first.
    engines : tuple of str
        What ranked.
    """

    value: Interval
    party: Places
    row: Places
    z: Floats
    engines: tuple[str, ...]

    def of(self, place: int) -> tuple[Places, Floats]:
        """Return the rows of a candidate's texts that count, best first, and their z."""
        low, high = np.searchsorted(self.party, [place, place + 1])
        return self.row[low:high], self.z[low:high]


@dataclass(frozen=True, eq=False)
class PartyTexts:
    """Texts of a zone with their parties.

    Attributes
    ----------
    index : TextIndex or None
        Over all texts; None if there is none.
    table : polars.DataFrame
        ``id``, ``kind``, ``title``, ``number``, ``period``, ``source`` of each row of the
        corpus.
    row, party : ndarray of intp, shape (m,)
        Which text counts for whom; sorted by row.
    """

    index: TextIndex | None
    table: pl.DataFrame
    row: Places
    party: Places
    n_parties: int

    @classmethod
    def of(
        cls,
        zone: Zone,
        parties: Parties,
        *,
        settings: RetrievalSettings | None = None,
        folder: Path | None = None,
        embedders: Sequence[Embedder] | None = None,
        progress: Progress | None = None,
    ) -> PartyTexts:
        """Read the texts of a zone and index them.

        Parameters
        ----------
        zone : Zone
            ``texts``, ``text_parties`` and ``facilities`` are read.
        parties : Parties
            Candidates of the zone.
        settings : RetrievalSettings, optional
            Of the index.
        folder : Path, optional
            Where the index is kept; reopened if nothing changed.
        embedders : sequence of Embedder, optional
            Loaded engines; default those that the settings want.
        progress : callable, optional
            Called with texts done and their number.
        """
        witnesses = zone["text_parties"].filter(pl.col("role") != "funder")
        plates = _nameplates(zone, witnesses)
        said = pl.concat([zone["texts"].select(
            *_COLUMNS, text=pl.concat_str("title", "body", separator="。", ignore_nulls=True)
        ), plates])  # fmt: skip
        if said.is_empty():
            nothing = np.empty(0, np.intp)
            return cls(None, said.drop("text"), nothing, nothing, parties.n)
        corpus = Corpus.of(said)
        index = TextIndex.build(corpus, settings, folder, progress, embedders=embedders)
        rows = pl.DataFrame({"id": index.corpus.ids}).with_row_index("row")
        table = rows.join(said.drop("text"), on="id", how="left", maintain_order="left")
        pairs = _pairs(rows, witnesses, plates, parties)
        return cls(index, table.drop("row"), pairs["row"].to_numpy().astype(np.intp),
                   pairs["place"].to_numpy().astype(np.intp), parties.n)  # fmt: skip

    @cached_property
    def on_record(self) -> Flags:
        """Who has a text, shape (n_parties,)."""
        found = np.zeros(self.n_parties, np.bool_)
        found[self.party] = True
        return found

    @cached_property
    def _starts(self) -> Places:
        n_rows = self.table.height
        return np.searchsorted(self.row, np.arange(n_rows + 1)).astype(np.intp)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What the index warns of."""
        return () if self.index is None else self.index.faults

    @property
    def engines(self) -> tuple[str, ...]:
        """What ranks texts."""
        return () if self.index is None else self.index.engines

    def since(self, year: int) -> tuple[Flags, Flags, Flags]:
        """Return which texts may be of a year or later, who has none, and who may have one.

        A text without a year may be of any: who has no recent one but such a text may have
        one; who has texts, all of them dated and earlier, has none.
        """
        period = self.table["period"]
        undated = period.is_null().to_numpy()
        recent = (period.fill_null(year) >= year).to_numpy()
        has_recent, may = (np.zeros(self.n_parties, np.bool_) for _ in range(2))
        has_recent[self.party[(recent & ~undated)[self.row]]] = True
        may[self.party[undated[self.row]]] = True
        may &= ~has_recent
        return recent, self.on_record & ~has_recent & ~may, may

    def rows_of(self, ids: Sequence[str]) -> Places:
        """Return the rows of texts by their ids; unknown ones are left out."""
        return np.flatnonzero(self.table["id"].is_in(list(ids)).to_numpy())

    def of_party(self, place: int) -> Places:
        """Return the rows of all texts of a candidate."""
        return np.unique(self.row[self.party == place])

    def likeness(
        self, words: str, settings: MatchSettings, *, among: Flags | None = None
    ) -> Likeness:
        """Compare the texts of all candidates with words."""
        if self.index is None:
            nothing = np.zeros(self.n_parties)
            empty = np.empty(0, np.intp)
            nobody = Interval.exactly(nothing, np.zeros(self.n_parties, np.bool_))
            return Likeness(nobody, empty, empty, np.empty(0), ())
        hits = self.index.search(words, most=settings.most_texts, among=among)
        return self.of_hits(hits, settings)

    def of_hits(
        self, hits: Hits, settings: MatchSettings, weights: Mapping[str, float] | None = None
    ) -> Likeness:
        """Add the likeness of texts up for their parties."""
        given = weights if weights is not None else settings.engine_weights
        z = likeness_of(hits, given)
        starts, ends = self._starts[hits.place], self._starts[hits.place + 1]
        counts = ends - starts
        hit = np.repeat(np.arange(len(z)), counts)
        offset = np.arange(len(hit)) - np.repeat(np.cumsum(counts) - counts, counts)
        party = self.party[np.repeat(starts, counts) + offset]
        order = np.lexsort((hits.place[hit], -z[hit], party))
        hit, party = hit[order], party[order]
        first = np.searchsorted(party, party)  # where the candidate's texts begin
        rank = np.arange(len(party)) - first
        above = z - settings.likeness_from
        counted = (rank < len(settings.text_weights)) & (above[hit] > 0.0)
        hit, party, rank = hit[counted], party[counted], rank[counted]
        share = np.asarray(settings.text_weights)[rank]
        total = np.bincount(party, share * above[hit], minlength=self.n_parties)
        value = total / (total + settings.half_likeness)
        return Likeness(
            Interval.exactly(value, self.on_record), party, hits.place[hit], z[hit], self.engines
        )


def likeness_of(hits: Hits, weights: Mapping[str, float]) -> Floats:
    """Return the z of texts: the mean over the engines by their weights, shape (k,)."""
    used = dict(hits.weights) | dict(weights)
    total = sum(used.get(part, 0.0) for part in hits.parts)
    return hits.total(used) / total if total > 0.0 else np.zeros(len(hits))


def _nameplates(zone: Zone, witnesses: pl.DataFrame) -> pl.DataFrame:
    """Return names that stand for texts.

    Name and kind of the facilities without a text, and the technologies that a firm
    supplies: what it sells.
    """
    silent = zone["facilities"].join(witnesses, left_on="id", right_on="party", how="anti")
    facilities = silent.select(
        "id",
        kind=pl.lit("equipment"),
        title=pl.col("name"),
        text=pl.concat_str("name", "name_en", "kind", separator="。", ignore_nulls=True),
        source=pl.col("source"),
    )
    technologies = zone["technologies"].select("id", "name", "name_en", "description")
    sold = (
        zone["supply"]
        .join(technologies, left_on="technology", right_on="id")
        .join(zone["organisations"].select("id"), left_on="supplier", right_on="id", how="semi")
        .unique(["supplier", "technology"], keep="first", maintain_order=True)
        .sort("supplier", "technology")
    )
    products = sold.select(
        id=pl.concat_str("supplier", "technology", separator=_SOLD),
        kind=pl.lit("product"),
        title=pl.col("name"),
        text=pl.concat_str("name", "name_en", "description", separator="。", ignore_nulls=True),
        source=pl.col("source"),
    )
    return pl.concat([facilities, products]).select(
        (pl.lit(_NAMEPLATE) + pl.col("id")).alias("id"),
        "kind",
        "title",
        pl.lit(None, pl.String).alias("number"),
        pl.lit(None, pl.Int64).alias("period"),
        "source",
        "text",
    )


def _pairs(
    rows: pl.DataFrame, witnesses: pl.DataFrame, plates: pl.DataFrame, parties: Parties
) -> pl.DataFrame:
    """Return which row of the corpus counts for which candidate."""
    places = parties.table.with_row_index("place").select("place", "id", "list", "organisation")
    named = pl.concat([
        witnesses.select(id="text", party="party"),
        plates.select("id", party=pl.col("id").str.strip_prefix(_NAMEPLATE)
                      .str.split(_SOLD).list.first()),
    ])  # fmt: skip
    joined = named.join(rows, on="id").join(places, left_on="party", right_on="id")
    own = joined.select("row", "place")
    of_others = joined.filter(pl.col("list") != "organisations")
    employers = of_others.join(
        places.select("id", at="place"), left_on="organisation", right_on="id"
    ).select("row", place="at")
    return pl.concat([own, employers]).unique().sort("row", "place")
