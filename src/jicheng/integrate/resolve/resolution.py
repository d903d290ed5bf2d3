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
from jicheng.integrate.resolve.disjoint import DisjointSets
from jicheng.integrate.resolve.explanation import Explanation, waterfall
from jicheng.integrate.resolve.judgements import Judgement, Judgements, Verdict
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.model.scored import Scored
from jicheng.integrate.resolve.questions import fewest_questions
from jicheng.integrate.resolve.records import Records
from jicheng.integrate.resolve.settings import ResolveSettings
from jicheng.integrate.resolve.survivorship import golden_records

__all__ = ["Resolution", "left_out"]

_NEVER_GOLDEN = ("id", "source", "as_of")
_FEW = 50  # records of one code that are linked pair by pair


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
            frame = pl.concat([frame, self._beside_the_star(codes, scheme)])
            found.append(_link(frame.sort("left", "right"), scheme, Power.IDENTIFIER))
        return pl.concat(found)

    def _beside_the_star(self, codes: pl.DataFrame, scheme: str) -> pl.DataFrame:
        """Return the other pairs with one code where some with that code are known to differ."""
        rows = pl.Series([row for pair in self.scored.apart for row in pair], dtype=pl.Int64)
        doubtful = codes.filter(pl.col("row").is_in(rows.implode()))[scheme].unique()
        few = codes.filter(
            pl.col(scheme).is_in(doubtful.implode()) & (pl.len().over(scheme) <= _FEW)
        ).with_columns(pl.col("row").cast(pl.Int64))
        pairs = few.join(few, on=scheme).filter(pl.col("row") < pl.col("row_right"))
        is_in_star = pl.col("row") == pl.col("row").min().over(scheme)
        return pairs.filter(~is_in_star).select(left="row", right="row_right")

    @cached_property
    def _clustering(self) -> Clustering:
        said = self._said(Verdict.DIFFERENT).select("left", "right").rows()
        return self._clustered(self.links, [*said, *self._known_apart])

    def _clustered(self, links: pl.DataFrame, apart: list[tuple[int, int]]) -> Clustering:
        return cluster(
            self.records.table.height,
            links["left"].to_numpy(),
            links["right"].to_numpy(),
            strength=links["strength"].to_numpy(),
            power=links["power"].to_numpy(),
            codes=self.records.keys.select(self.records.identifiers),
            parting=self.records.keys.select(self.records.parting),
            apart=apart,
        )

    @cached_property
    def _known_apart(self) -> list[tuple[int, int]]:
        """Return what the records tell apart and no person calls the same.

        Who calls two records with one identifier the same says so of all records with it
        that would be one with either.
        """
        apart = list(self.scored.apart)
        same = self._said(Verdict.SAME)
        if same.is_empty() or not apart:
            return apart
        links = self.links.filter(pl.col("power") < int(Power.PERSON))
        first = self._clustered(links, apart).first.tolist()
        said = set(same.select("left", "right").rows())
        bodies = DisjointSets[int]()
        for a, b in said:
            bodies.join(first[a], first[b])
        shared = self._share_identifier(apart)
        return [
            (a, b)
            for (a, b), is_shared in zip(apart, shared, strict=True)
            if (a, b) not in said
            and not (is_shared and bodies.find(first[a]) == bodies.find(first[b]))
        ]

    def _share_identifier(self, pairs: Sequence[tuple[int, int]]) -> list[bool]:
        codes = list(self.records.keys.select(self.records.identifiers).iter_rows())
        return [
            any(one and one == other for one, other in zip(codes[a], codes[b], strict=True))
            for a, b in pairs
        ]

    def _told_apart(self, pairs: pl.DataFrame) -> pl.Series:
        """Return which pairs are of two bodies that the records tell apart.

        Not those that the records tell apart themselves: a rule asks about them all the same.
        """
        known = pl.DataFrame(
            self._known_apart, schema={"left": pl.Int64, "right": pl.Int64}, orient="row"
        )
        told = set(self._known_apart)
        itself = pl.Series([pair in told for pair in pairs.select("left", "right").iter_rows()])
        return self._parted(pairs, known) & ~itself.cast(pl.Boolean)

    def _parted(self, pairs: pl.DataFrame, apart: pl.DataFrame) -> pl.Series:
        """Return which pairs are of two bodies of which two records are apart."""
        first = pl.Series(self._clustering.first)

        def bodies(of: pl.DataFrame) -> list[tuple[int, int]]:
            ends = zip(first.gather(of["left"]), first.gather(of["right"]), strict=True)
            return [(min(two), max(two)) for two in ends]

        parted = set(bodies(apart))
        return pl.Series([two in parted for two in bodies(pairs)], dtype=pl.Boolean)

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
        asks) or ``conflict`` (would join what identifiers or names part). What a person said
        of two records holds for the bodies that they belong to. ``questions`` are the fewest
        of these pairs that decide.
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
        both = both.filter((pl.col("reason") == "conflict") | ~self._told_apart(both))
        both = both.filter(~self._parted(both, self._said(Verdict.DIFFERENT)))
        both = both.join(self._said(Verdict.SAME), on=["left", "right"], how="anti")
        ids = self.records.table["id"]
        return both.sort(
            ["probability", "strength", "left", "right"],
            descending=[True, True, False, False], nulls_last=True,
        ).select(
            _named(ids, "left"),
            _named(ids, "right"), "probability", "reason",
        )  # fmt: skip

    @cached_property
    def questions(self) -> pl.DataFrame:
        """What to ask a person: see :func:`fewest_questions`."""
        return fewest_questions(self.review, self.members, self.kind)

    def _differ(self, pairs: pl.DataFrame) -> pl.Series:
        """Return which pairs have two different identifiers: nothing to ask."""
        differ = np.zeros(pairs.height, dtype=bool)
        for name in self.records.identifiers:
            values = self.records.keys[name]
            unlike = values.gather(pairs["left"]) != values.gather(pairs["right"])
            differ |= unlike.fill_null(value=False).to_numpy()
        return pl.Series(differ)

    def entities(
        self, precedence: Mapping[str, Sequence[str | Sequence[str]]] | None = None
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

    def closest(self, left: Sequence[str], right: Sequence[str]) -> tuple[str, str]:
        """Return of two sets of records the pair that is most alike, else the first of each."""
        ids = self.records.table["id"]
        pairs = self.scored.pairs.select(_named(ids, "left"), _named(ids, "right"), "weight").sort(
            "weight", descending=True, maintain_order=True
        )
        one, other = list(left), list(right)
        ahead = pl.col("left").is_in(one) & pl.col("right").is_in(other)
        back = pl.col("left").is_in(other) & pl.col("right").is_in(one)
        found = pairs.filter(ahead | back).select("left", "right").rows()
        return found[0] if found else (one[0], other[0])

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
        by_rule = pair is not None and pair["rule"] is not None
        if (a, b) in self.scored.apart and not by_rule:
            return self.scored.apart[a, b]
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
