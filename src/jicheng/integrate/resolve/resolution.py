"""Join records of several sources into organisations, and keep why.

Identifiers first: records that share a valid credit code, LEI, ROR id or ORCID iD are
one; records of which two differ are never joined but by a person. Then names and what
else is known, scored by Splink where the extra ``er`` is installed: joined from
``automatic``, asked from ``review``. What people decide is kept in ``Judgements`` and can
be undone: the result depends on records, settings and the judgements that hold alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.resolve.clusters import Clustering, cluster
from jicheng.integrate.resolve.explanation import Explanation, waterfall
from jicheng.integrate.resolve.judgements import Judgement, Judgements, Verdict
from jicheng.integrate.resolve.model.scoring import Scored, has_splink, no_pairs, score
from jicheng.integrate.resolve.records import SCHEMES, Records, prepare
from jicheng.integrate.resolve.settings import ResolveSettings
from jicheng.integrate.resolve.survivorship import golden_records

__all__ = ["Resolution", "resolve"]

_PERSON, _IDENTIFIER = 3.0, 2.0  # stronger than any probability
_NEVER_GOLDEN = ("id", "source", "as_of")


@dataclass(frozen=True)
class Resolution:
    """Organisations found in records.

    Attributes
    ----------
    records : Records
        The records, sorted by id, and their comparable form.
    scored : Scored
        Pairs likely enough to be joined or asked about, empty without the extra ``er``.
    judgements : Judgements
        What people decided.
    settings : ResolveSettings
        What was assumed.
    engine : str
        ``splink`` or ``identifiers``: what the links rest on.
    warnings : tuple of Fault
        Identifiers of no use, blocks left out, what is not installed.
    """

    records: Records
    scored: Scored
    judgements: Judgements
    settings: ResolveSettings
    engine: str
    warnings: tuple[Fault, ...] = field(default=())

    @cached_property
    def links(self) -> pl.DataFrame:
        """Links that join: ``left, right`` (rows), ``kind, strength, probability``."""
        automatic = self.scored.pairs.filter(pl.col("probability") >= self.settings.automatic)
        probable = automatic.select(
            pl.col("left", "right").cast(pl.Int64), kind=pl.lit("probable"),
            strength="probability", probability="probability",
        )  # fmt: skip
        return pl.concat([self._said(Verdict.SAME), self._identified(), probable])

    def _said(self, verdict: Verdict) -> pl.DataFrame:
        rows = {one: row for row, one in enumerate(self.records.table["id"])} if self._held else {}
        pairs = [(rows[j.left], rows[j.right]) for j in self._held if j.verdict is verdict]
        frame = pl.DataFrame(pairs, schema={"left": pl.Int64, "right": pl.Int64}, orient="row")
        return _link(frame, "person", _PERSON)

    @cached_property
    def _held(self) -> tuple[Judgement, ...]:
        return self.judgements.held()

    def _identified(self) -> pl.DataFrame:
        found = []
        for scheme in SCHEMES:
            codes = self.records.keys.select("row", scheme).drop_nulls()
            first = codes.with_columns(left=pl.col("row").min().over(scheme))
            star = first.filter(pl.col("left") < pl.col("row"))
            frame = star.select(pl.col("left").cast(pl.Int64), right=pl.col("row").cast(pl.Int64))
            found.append(_link(frame.sort("left", "right"), scheme, _IDENTIFIER))
        return pl.concat(found)

    @cached_property
    def _clustering(self) -> Clustering:
        links = self.links
        return cluster(
            self.records.table.height,
            links["left"].to_numpy(),
            links["right"].to_numpy(),
            strength=links["strength"].to_numpy(),
            by_person=(links["kind"] == "person").to_numpy(),
            codes=self.records.keys.select(SCHEMES),
            apart=[(a, b) for a, b in self._said(Verdict.DIFFERENT).select("left", "right").rows()],
        )

    @cached_property
    def members(self) -> pl.DataFrame:
        """Which record belongs to which organisation: ``record, organisation``, by record."""
        ids = self.records.table["id"]
        return pl.DataFrame({"record": ids, "organisation": ids.gather(self._clustering.first)})

    @cached_property
    def review(self) -> pl.DataFrame:
        """Pairs that a person should look at, the likeliest first.

        Columns ``left, right`` (record ids), ``probability`` (null for identifiers),
        ``reason``: ``likely`` (between the two thresholds) or ``conflict`` (would join
        different identifiers, or what a person parted).
        """
        first = pl.Series(self._clustering.first)
        between = self.scored.pairs.filter(pl.col("probability") < self.settings.automatic)
        likely = between.select(
            pl.col("left", "right").cast(pl.Int64), "probability", reason=pl.lit("likely")
        )
        refused = self.links[self._clustering.refused]
        conflict = refused.select("left", "right", "probability", reason=pl.lit("conflict"))
        both = pl.concat([conflict, likely]).unique(["left", "right"], keep="first")
        both = both.filter(first.gather(both["left"]) != first.gather(both["right"]))
        differ = self._identifiers_differ(both)
        both = both.filter((pl.col("reason") == "conflict") | ~differ)
        settled = pl.concat([self._said(verdict) for verdict in (Verdict.SAME, Verdict.DIFFERENT)])
        both = both.join(settled, on=["left", "right"], how="anti")
        ids = self.records.table["id"]
        return both.sort(
            ["probability", "left", "right"], descending=[True, False, False], nulls_last=True
        ).select(
            _named(ids, "left"),
            _named(ids, "right"), "probability", "reason",
        )  # fmt: skip

    def _identifiers_differ(self, pairs: pl.DataFrame) -> pl.Series:
        """Return which pairs have two different valid identifiers: nothing to ask."""
        differ = np.zeros(pairs.height, dtype=bool)
        for scheme in SCHEMES:
            codes = self.records.keys[scheme]
            unlike = codes.gather(pairs["left"]) != codes.gather(pairs["right"])
            differ |= unlike.fill_null(value=False).to_numpy()
        return pl.Series(differ)

    def organisations(
        self, precedence: Mapping[str, Sequence[str]] | None = None
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return one row for each organisation, and where each value comes from.

        Parameters
        ----------
        precedence : mapping, optional
            Sources from the most trusted by attribute, see :func:`golden_records`;
            by default the latest value counts.
        """
        table = self.records.table
        valid = table.with_columns(self.records.keys.select(SCHEMES))
        names = [name for name in table.columns if name not in _NEVER_GOLDEN]
        return golden_records(
            valid, self.members["organisation"], names, precedence=precedence or {}
        )

    def judged(self, judgements: Judgements) -> Resolution:
        """Return the resolution under other judgements; nothing is scored again.

        Raises
        ------
        InvalidInput
            E374 if a judgement names a record that is not there.
        """
        _check(judgements, self.records)
        return replace(self, judgements=judgements)

    def explain(self, left: str, right: str) -> Explanation:
        """Tell why two records are taken for one organisation, or not.

        Raises
        ------
        InvalidInput
            E374 if one of them is not there.
        """
        left, right = sorted((left, right))
        rows = {one: row for row, one in enumerate(self.records.table["id"])}
        unknown = [one for one in (left, right) if one not in rows]
        if unknown:
            raise InvalidInput(fault("E374", record=one) for one in unknown)
        a, b = rows[left], rows[right]
        pair = self.scored.pairs.filter((pl.col("left") == a) & (pl.col("right") == b))
        if pair.is_empty():
            return Explanation(left, right, self._reason(a, b, None))
        row = pair.row(0, named=True)
        steps, probability = waterfall(row, self.scored.prior), float(row["probability"])
        return Explanation(left, right, self._reason(a, b, probability), steps, probability)

    def _reason(self, a: int, b: int, probability: float | None) -> Text:
        ids = self.records.table["id"]
        for held in self._held:
            if (held.left, held.right) == (ids[a], ids[b]):
                same = held.verdict is Verdict.SAME
                return Text(
                    f"{held.who} 判定为{'同一' if same else '不同'}组织：{held.why}",
                    f"{held.who} judged them {'the same' if same else 'different'}: {held.why}",
                )
        for scheme in SCHEMES:
            one, other = self.records.keys[scheme][a], self.records.keys[scheme][b]
            if one and one == other:
                return Text(f"标识相同：{one}", f"same identifier: {one}")
            if one and other:
                return Text(f"标识不同：{one}、{other}", f"different identifiers: {one}, {other}")
        joined = self._clustering.first[a] == self._clustering.first[b]
        if probability is not None and probability >= self.settings.automatic and joined:
            return Text(f"概率 {probability:.4f}", f"probability {probability:.4f}")
        if joined:
            return Text("经其他记录相连", "joined through other records")
        if probability is not None:
            return Text(
                f"概率 {probability:.4f}，待人工核对", f"probability {probability:.4f}: ask"
            )
        return Text("没有足够的共同点", "too little in common")


def resolve(
    records: pl.DataFrame,
    *,
    judgements: Judgements | None = None,
    settings: ResolveSettings | None = None,
) -> Resolution:
    """Find which records are one organisation.

    Parameters
    ----------
    records : polars.DataFrame
        ``id`` and ``name``, and any of ``COLUMNS``; further columns are kept.
    judgements : Judgements, optional
        What people decided before.
    settings : ResolveSettings, optional
        Thresholds and limits.

    Returns
    -------
    Resolution
        Members, review list, organisations and explanations.

    Raises
    ------
    InvalidInput
        E374, E378, E379: judgements and records that cannot be read.
    """
    settings = settings or ResolveSettings()
    ready = prepare(records)
    said = judgements or Judgements()
    _check(said, ready)
    warnings = list(ready.warnings)
    scored, engine = no_pairs(), "identifiers"
    if settings.probable and has_splink():
        engine = "splink"
        if ready.table.height > 1:
            scored = score(ready.keys, settings)
    elif settings.probable:
        warnings.append(fault("E373", is_warning=True))
    warnings += [
        fault("E380", is_warning=True, rule=block.rule, count=block.left_out, most=block.largest)
        for block in scored.blocks
        if block.left_out
    ]
    return Resolution(ready, scored, said, settings, engine, tuple(warnings))


def _check(judgements: Judgements, records: Records) -> None:
    named = {one for row in judgements.rows for one in (row.left, row.right)}
    unknown = sorted(named - set(records.table["id"])) if named else []
    if unknown:
        raise InvalidInput(fault("E374", record=one) for one in unknown)


def _link(frame: pl.DataFrame, kind: str, strength: float) -> pl.DataFrame:
    return frame.with_columns(
        kind=pl.lit(kind, dtype=pl.String),
        strength=pl.lit(strength, dtype=pl.Float64),
        probability=pl.lit(None, dtype=pl.Float64),
    )


def _named(ids: pl.Series, column: str) -> pl.Expr:
    return pl.col(column).map_batches(ids.gather, return_dtype=pl.String)
