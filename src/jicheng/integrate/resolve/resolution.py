"""The entities found in records, whatever their kind, and why.

Identifiers first: records that share a valid one are one; records of which two differ are
never joined but by a person. Then what was compared: pairs join, or a person is asked.
What people decide is kept in ``Judgements`` and can be undone: the result depends on
records, pairs and the judgements that hold alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.resolve.blocking import Block
from jicheng.integrate.resolve.clusters import Clustering, Power, cluster
from jicheng.integrate.resolve.explanation import Explanation, waterfall
from jicheng.integrate.resolve.judgements import Judgement, Judgements, Verdict
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.model.scored import Scored
from jicheng.integrate.resolve.records import Records
from jicheng.integrate.resolve.settings import ResolveSettings
from jicheng.integrate.resolve.survivorship import golden_records

__all__ = ["Resolution", "left_out"]

_NEVER_GOLDEN = ("id", "source", "as_of")


@dataclass(frozen=True)
class Resolution:
    """Organisations, persons or facilities found in records.

    Attributes
    ----------
    records : Records
        The records, sorted by id, and their comparable form.
    scored : Scored
        Pairs likely enough to be joined or asked about.
    judgements : Judgements
        What people decided.
    settings : ResolveSettings
        What was assumed.
    engine : str
        What the links rest on: ``identifiers``, ``splink`` or ``rules``.
    warnings : tuple of Fault
        Identifiers of no use, blocks left out, what is not installed.
    """

    records: Records
    scored: Scored
    judgements: Judgements
    settings: ResolveSettings
    engine: str
    warnings: tuple[Fault, ...] = field(default=())

    def __post_init__(self) -> None:
        _check(self.judgements, self.records)

    @property
    def kind(self) -> Kind:
        """What the records speak of; the column that names the entity."""
        return self.records.kind

    @cached_property
    def links(self) -> pl.DataFrame:
        """Links that join: ``left, right`` (rows), ``kind, power, strength, probability``."""
        probable = self.scored.pairs.filter("joins").select(
            "left", "right", strength=pl.col("weight").round(6), probability="probability"
        )
        return pl.concat(
            [
                self._said(Verdict.SAME),
                self._identified(),
                _link(probable, "probable", Power.LIKENESS),
            ]
        )

    def _said(self, verdict: Verdict) -> pl.DataFrame:
        rows = {one: row for row, one in enumerate(self.records.table["id"])} if self._held else {}
        pairs = [(rows[j.left], rows[j.right]) for j in self._held if j.verdict is verdict]
        frame = pl.DataFrame(pairs, schema={"left": pl.Int64, "right": pl.Int64}, orient="row")
        return _link(frame, "person", Power.PERSON)

    @cached_property
    def _held(self) -> tuple[Judgement, ...]:
        return self.judgements.held()

    def _identified(self) -> pl.DataFrame:
        found = []
        for scheme in self.records.identifiers:
            codes = self.records.keys.select("row", scheme).drop_nulls()
            first = codes.with_columns(left=pl.col("row").min().over(scheme))
            star = first.filter(pl.col("left") < pl.col("row"))
            frame = star.select(pl.col("left").cast(pl.Int64), right=pl.col("row").cast(pl.Int64))
            found.append(_link(frame.sort("left", "right"), scheme, Power.IDENTIFIER))
        return pl.concat(found)

    @cached_property
    def _clustering(self) -> Clustering:
        links = self.links
        said = self._said(Verdict.DIFFERENT).select("left", "right").rows()
        return cluster(
            self.records.table.height,
            links["left"].to_numpy(),
            links["right"].to_numpy(),
            strength=links["strength"].to_numpy(),
            power=links["power"].to_numpy(),
            codes=self.records.keys.select(self.records.identifiers),
            parting=self.records.keys.select(self.records.parting),
            apart=[*said, *self._known_apart()],
        )

    def _known_apart(self) -> list[tuple[int, int]]:
        """Return what the records tell apart and no person calls the same."""
        same = set(self._said(Verdict.SAME).select("left", "right").rows())
        return [pair for pair in self.scored.apart if pair not in same]

    @cached_property
    def members(self) -> pl.DataFrame:
        """Which record belongs to which entity: ``record`` and the kind, by record."""
        ids = self.records.table["id"]
        return pl.DataFrame({"record": ids, self.kind: ids.gather(self._clustering.first)})

    @cached_property
    def review(self) -> pl.DataFrame:
        """Pairs that a person should look at, the likeliest first.

        Columns ``left, right`` (record ids), ``probability`` (null for identifiers and
        rules), ``reason``: ``likely`` (between the two thresholds), ``possible`` (a rule
        asks) or ``conflict`` (would join what identifiers, names or a person part).
        """
        first = pl.Series(self._clustering.first)
        asked = self.scored.pairs.filter(~pl.col("joins")).select(
            "left", "right", "probability", strength="weight",
            reason=pl.when(pl.col("rule").is_null()).then(pl.lit("likely")).otherwise(
                pl.lit("possible")
            ),
        )  # fmt: skip
        refused = self.links[self._clustering.refused]
        conflict = refused.select(
            "left", "right", "probability", "strength", reason=pl.lit("conflict")
        )
        both = pl.concat([conflict, asked]).unique(["left", "right"], keep="first")
        both = both.filter(first.gather(both["left"]) != first.gather(both["right"]))
        both = both.filter((pl.col("reason") == "conflict") | ~self._differ(both))
        settled = pl.concat([self._said(verdict) for verdict in (Verdict.SAME, Verdict.DIFFERENT)])
        both = both.join(settled, on=["left", "right"], how="anti")
        ids = self.records.table["id"]
        return both.sort(
            ["probability", "strength", "left", "right"],
            descending=[True, True, False, False], nulls_last=True,
        ).select(
            _named(ids, "left"),
            _named(ids, "right"), "probability", "reason",
        )  # fmt: skip

    def _differ(self, pairs: pl.DataFrame) -> pl.Series:
        """Return which pairs have two different identifiers: nothing to ask."""
        differ = np.zeros(pairs.height, dtype=bool)
        for name in self.records.identifiers:
            values = self.records.keys[name]
            unlike = values.gather(pairs["left"]) != values.gather(pairs["right"])
            differ |= unlike.fill_null(value=False).to_numpy()
        return pl.Series(differ)

    def entities(
        self, precedence: Mapping[str, Sequence[str]] | None = None
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return one row for each entity, and where each value comes from.

        Parameters
        ----------
        precedence : mapping, optional
            Sources from the most trusted by attribute, see :func:`golden_records`;
            by default the latest value counts.
        """
        table = self.records.table
        shown = [name for name in self.records.identifiers if name in table.columns]
        valid = table.with_columns(self.records.keys.select(shown))
        names = [name for name in table.columns if name not in (*_NEVER_GOLDEN, self.kind)]
        return golden_records(valid, self.members[self.kind], names, precedence=precedence or {})

    def judged(self, judgements: Judgements) -> Resolution:
        """Return the resolution under other judgements; nothing is scored again.

        Raises
        ------
        InvalidInput
            E374 if a judgement names a record that is not there.
        """
        return replace(self, judgements=judgements)

    def explain(self, left: str, right: str) -> Explanation:
        """Tell why two records are taken for one entity, or not.

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
        steps = waterfall(row, self.scored.prior, self.scored.comparisons)
        return Explanation(left, right, self._reason(a, b, row), steps, row["probability"])

    def _reason(self, a: int, b: int, pair: Mapping[str, Any] | None) -> Text:
        ids = self.records.table["id"]
        for held in self._held:
            if (held.left, held.right) == (ids[a], ids[b]):
                return _said_by(held, self.kind)
        codes = self.records.keys.select(self.records.identifiers)[[a, b]]
        for one, other in (codes[name].to_list() for name in codes.columns):
            if one and one == other:
                return Text(f"标识相同：{one}", f"same identifier: {one}")
            if one and other:
                return Text(f"标识不同：{one}、{other}", f"different identifiers: {one}, {other}")
        joined = self._clustering.first[a] == self._clustering.first[b]
        if pair is None or (joined and not pair["joins"]):
            if joined:
                return Text("经其他记录相连", "joined through other records")
            if self.scored.apart_as and (a, b) in self.scored.apart:
                return self.scored.apart_as
            return Text("没有足够的共同点", "too little in common")
        return _found(pair, self.scored.rules, joined=bool(joined))


def _said_by(held: Judgement, kind: Kind) -> Text:
    same = held.verdict is Verdict.SAME
    return Text(
        f"{held.who} 判定为{'同一' if same else '不同'}{kind.noun.zh}：{held.why}",
        f"{held.who} judged them {'the same' if same else 'different'}: {held.why}",
    )


def _found(pair: Mapping[str, Any], rules: Mapping[str, Text], *, joined: bool) -> Text:
    """Return what decides on a pair that was compared: a rule or a probability."""
    if pair["rule"] is not None:
        text = rules[pair["rule"]]
    else:
        share = f"{pair['probability']:.4f}"
        text = Text(f"概率 {share}", f"probability {share}")
    return text if joined else Text(f"{text.zh}，待人工核对", f"{text.en}: ask")


def left_out(blocks: Sequence[Block]) -> list[Fault]:
    """Return a warning for each rule that left out what too many records share."""
    return [
        fault("E380", is_warning=True, rule=block.rule, count=block.left_out, most=block.largest)
        for block in blocks
        if block.left_out
    ]


def _check(judgements: Judgements, records: Records) -> None:
    named = {one for row in judgements.rows for one in (row.left, row.right)}
    unknown = sorted(named - set(records.table["id"])) if named else []
    if unknown:
        raise InvalidInput(fault("E374", record=one) for one in unknown)


def _link(frame: pl.DataFrame, kind: str, power: Power) -> pl.DataFrame:
    for name in ("strength", "probability"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name))
    return frame.select(
        "left", "right", pl.col("strength").fill_null(0.0), "probability",
        kind=pl.lit(kind, dtype=pl.String), power=pl.lit(int(power), dtype=pl.Int8),
    )  # fmt: skip


def _named(ids: pl.Series, column: str) -> pl.Expr:
    return pl.col(column).map_batches(ids.gather, return_dtype=pl.String)
