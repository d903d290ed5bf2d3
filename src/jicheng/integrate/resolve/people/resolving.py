"""Join records of people from several sources, and keep why.

A valid ORCID iD decides. Beyond it a Chinese name says little: 王伟 is the name of hundreds
of thousands. Records are joined if the names fit and so does the organisation, and something
else supports it (``rules.csv``): an email, a co-author, or the field for a name that is not
common. With less a person is asked. Two different Chinese names are never one person but by
ORCID iD or a person's word, and two authors of one text are two.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from jicheng.errors import Text, fault
from jicheng.identifiers import Scheme
from jicheng.integrate.resolve.blocking import Block
from jicheng.integrate.resolve.judgements import Judgements
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.model.scored import Scored, no_pairs
from jicheng.integrate.resolve.names.keys import sound_of
from jicheng.integrate.resolve.names.script import plain_name
from jicheng.integrate.resolve.people.co_authors import (
    co_authors_of,
    in_one_text,
    shared_co_authors,
)
from jicheng.integrate.resolve.people.names import is_common, person_name
from jicheng.integrate.resolve.records import Records, as_table, replaced, valid_codes
from jicheng.integrate.resolve.resolution import Resolution, left_out
from jicheng.integrate.resolve.rules.deciding import decided, rule_book
from jicheng.integrate.resolve.rules.pairing import agreement_level, pairs_sharing
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = ["COLUMNS", "prepare_people", "resolve_people"]

COLUMNS = (
    "id", "source", "as_of", "name", "name_en", Scheme.ORCID,
    "organisation", "email", "field", "kind",
)  # fmt: skip
_PACKAGE = "jicheng.integrate.resolve.people"
_ONE_TEXT = Text("同一文本的两位作者", "two authors of one text")
_TEAMS = ("team", "团队")
_ROUNDS = 2
_FEW_ORGANISATIONS = 3  # in so many a name may occur and still be of few bearers
_BETWEEN = "[；;、,，/]"


def resolve_people(
    people: pl.DataFrame,
    *,
    texts: pl.DataFrame | None = None,
    judgements: Judgements | None = None,
    settings: ResolveSettings | None = None,
) -> Resolution:
    """Find which records are one person.

    Parameters
    ----------
    people : polars.DataFrame
        ``id`` and ``name``, and any of ``COLUMNS``; ``organisation`` is what
        :func:`~jicheng.integrate.resolve.resolve` calls it. Further columns are kept.
    texts : polars.DataFrame, optional
        Who wrote which: ``text`` and ``party``, an id of ``people``; others are ignored.
    judgements : Judgements, optional
        What people decided before.
    settings : ResolveSettings, optional
        Whether more than identifiers is compared, and limits.

    Returns
    -------
    Resolution
        Members, review list, persons and explanations.

    Raises
    ------
    InvalidInput
        E374, E378, E379: judgements and records that cannot be read.
    """
    settings = settings or ResolveSettings()
    ready = prepare_people(people)
    book = rule_book(_PACKAGE)
    scored, engine = no_pairs(book.comparisons), "identifiers"
    warnings = list(ready.warnings)
    if settings.probable:
        engine = "rules"
        scored = _compared(ready, _written(ready, texts), settings.largest_block)
        warnings += left_out(scored.blocks)
        if not sound_of("王") and ready.keys["han"].null_count() < ready.keys.height:
            warnings.append(fault("E381", is_warning=True))
    return Resolution(ready, scored, judgements or Judgements(), settings, engine, tuple(warnings))


def prepare_people(people: pl.DataFrame) -> Records:
    """Check records of people and make them comparable.

    Raises
    ------
    InvalidInput
        E379 if id or name is missing, E378 if an id occurs twice or is empty.
    """
    table = as_table(people, COLUMNS)
    codes, warnings = valid_codes(table, (Scheme.ORCID,))
    keys = pl.concat([_comparable(table), codes, _names(table)], how="horizontal")
    keys = keys.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    return Records(
        Kind.PERSON, table, keys, warnings,
        identifiers=(Scheme.ORCID,), parting=("han", "is_team"),
    )  # fmt: skip


def _names(table: pl.DataFrame) -> pl.DataFrame:
    """Return ``han``, ``whole``, ``initials`` and ``name_key``, in which names are shared."""
    rows = []
    for name, english in table.select("name", "name_en").iter_rows():
        found = person_name(name or "", english or "")
        shared = found.whole[0] if found.whole else found.han
        rows.append(
            (found.han or None, list(found.whole), list(found.initials), shared or None,
             is_common(found.han))
        )  # fmt: skip
    schema: dict[str, Any] = {
        "han": pl.String, "whole": pl.List(pl.String), "initials": pl.List(pl.String),
        "name_key": pl.String, "is_common": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _comparable(table: pl.DataFrame) -> pl.DataFrame:
    email = pl.col("email").str.strip_chars().str.to_lowercase()
    fields = replaced(table["field"].str.replace_all(_BETWEEN, ";"), plain_name)
    team = pl.col("kind").str.strip_chars().str.to_lowercase()
    return table.select(
        "source",
        pl.when(pl.col("organisation").str.strip_chars() != "").then(pl.col("organisation")),
        email=pl.when(email.str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")).then(email),
        fields=fields.str.split(";").list.eval(pl.element().str.strip_chars()).list.drop_nulls(),
        is_team=pl.when(team.is_in(_TEAMS)).then(pl.lit("team")).when(
            team.is_in(("person", "个人"))
        ).then(pl.lit("person")),
    )  # fmt: skip


def _written(ready: Records, texts: pl.DataFrame | None) -> pl.DataFrame:
    """Return ``row``, ``text`` and ``source``: which records stand in which text."""
    ids = ready.table.select("source", party="id").with_row_index("row")
    said = pl.DataFrame(schema={"text": pl.String, "party": pl.String}) if texts is None else texts
    named = said.select(pl.col("text", "party").cast(pl.String)).drop_nulls().unique()
    return named.join(ids, on="party").select(pl.col("row").cast(pl.Int64), "text", "source")


def _compared(ready: Records, texts: pl.DataFrame, limit: int) -> Scored:
    """Compare the records that share a name and something else, and decide by the rules.

    Notes
    -----
    Co-authors and fields of records that joined count for each of them in the next round:
    who is on a roster and in a paper wrote with whom the paper says. Only ``_ROUNDS`` are
    gone, so that no long chain of guesses is followed.
    """
    keys = ready.keys
    own = co_authors_of(keys, texts)
    pairs, blocks = _pairs(keys, own, limit)
    together = in_one_text(pairs, texts)
    apart = together.filter(agreement_level(keys, together, Scheme.ORCID) != 1)
    pairs = pairs.join(apart, on=["left", "right"], how="anti", maintain_order="left")
    levels = pairs.with_columns(
        _name_level(keys, pairs),
        agreement_level(keys, pairs, "organisation").alias("level_organisation"),
        agreement_level(keys, pairs, "email").alias("level_email"),
        _rarity(keys, pairs),
        _from_elsewhere(keys, pairs, texts),
    )
    levels = levels.with_columns(_readings(keys, levels))
    co_authors, fields = own, keys["fields"]
    for _ in range(_ROUNDS):
        scored = decided(
            levels.with_columns(
                shared_co_authors(pairs, co_authors).alias("level_co_authors"),
                _field_level(fields, pairs),
            ),
            rule_book(_PACKAGE), blocks, dict.fromkeys(apart.rows(), _ONE_TEXT),
        )  # fmt: skip
        person = Resolution(ready, scored, Judgements(), ResolveSettings(), "rules").members[
            "person"
        ]
        co_authors, fields = _pooled(own, keys, person)
    return scored


def _pairs(
    keys: pl.DataFrame, co_authors: pl.DataFrame, limit: int
) -> tuple[pl.DataFrame, tuple[Block, ...]]:
    """Return the pairs of records worth a look: a name in common, and a place or more."""
    whole, initials = (
        keys.select("row", "organisation", name).explode(name).drop_nulls(name)
        for name in ("whole", "initials")
    )
    one_initial = initials.with_columns(initials=pl.col("initials").str.extract(r"^(.*\|.)"))
    beside = {
        name: frame.select("row", name).join(co_authors, on="row")
        for name, frame in (("han", keys), ("whole", whole), ("initials", one_initial))
    }
    looked = [
        pairs_sharing(keys, "han", ["han"], limit),
        pairs_sharing(keys, "han_organisation", ["han", "organisation"], limit),
        pairs_sharing(keys, "email", ["email"], limit),
        pairs_sharing(whole, "whole_organisation", ["whole", "organisation"], limit),
        pairs_sharing(beside["han"], "han_co_author", ["han", "co_author"], limit),
        pairs_sharing(beside["whole"], "whole_co_author", ["whole", "co_author"], limit),
        pairs_sharing(
            beside["initials"].join(keys.select("row", "organisation"), on="row"),
            "initials_co_author", ["initials", "organisation", "co_author"], limit,
        ),
    ]  # fmt: skip
    pairs = pl.concat([found for found, _ in looked]).unique().sort("left", "right")
    return pairs, tuple(block for _, block in looked)


def _pooled(
    co_authors: pl.DataFrame, keys: pl.DataFrame, person: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Return co-authors and fields of each record as all records of its person have them."""
    of = keys.select("row", "name_key", "fields").with_columns(person)
    both = of.join(co_authors.join(of.select("row", "person"), on="row"), on="person")
    pooled = both.filter((pl.col("name_key") != pl.col("co_author")).fill_null(value=True))
    each = of.select("person", "fields").explode("fields").drop_nulls().unique()
    lists = each.group_by("person").agg(pl.col("fields").sort())
    fields = of.select("person").join(lists, on="person", how="left", maintain_order="left")
    return pooled.select("row", "co_author").unique().sort("row", "co_author"), fields["fields"]


def _name_level(keys: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Return how far two names agree: levels 4 to 0 of ``levels.csv``."""
    left, right = (
        keys.select("han", "whole", "initials")[pairs[side]] for side in ("left", "right")
    )
    return pl.Series(
        "level_name",
        [
            _agreement(one, other)
            for one, other in zip(left.iter_rows(), right.iter_rows(), strict=True)
        ],
        dtype=pl.Int8,
    )


def _agreement(
    one: tuple[str | None, list[str], list[str]], other: tuple[str | None, list[str], list[str]]
) -> int:
    if one[0] and other[0]:
        return 4 if one[0] == other[0] else 0
    if set(one[1]) & set(other[1]):
        return 2 if one[0] or other[0] else 3
    if one[1] and other[1]:  # both are written out
        return 0
    return int(any(_initials_fit(a, b) for a in one[2] for b in other[2]))


def _initials_fit(a: str, b: str) -> bool:
    """Return whether two initials may be one: wang|x and wang|xm."""
    short, long = sorted((a, b), key=len)
    return long.startswith(short) and not short.endswith("|")


def _field_level(fields: pl.Series, pairs: pl.DataFrame) -> pl.Series:
    """Return 1 where two records name a field in common."""
    both = pl.DataFrame(
        {side: fields.gather(pairs[side]) for side in ("left", "right")},
        schema=dict.fromkeys(("left", "right"), pl.List(pl.String)),
    )
    shared = pl.col("left").list.set_intersection("right").list.len() > 0
    said = (pl.col("left").list.len() > 0) & (pl.col("right").list.len() > 0)
    return both.select(
        level_field=pl.when(said).then(shared.cast(pl.Int8)).otherwise(pl.lit(-1, dtype=pl.Int8))
    ).to_series()


def _rarity(keys: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Return 1 where few can bear the name: as the records tell, and by what it is."""
    places = pl.col("organisation").drop_nulls().n_unique().over("name_key")
    rare = keys.select(
        rare=(places <= _FEW_ORGANISATIONS)
        & ~pl.col("is_common")
        & pl.col("name_key").is_not_null()
    )["rare"]
    return rare.gather(pairs["left"]).cast(pl.Int8).alias("level_namesakes")


def _readings(keys: pl.DataFrame, levels: pl.DataFrame) -> pl.Series:
    """Return 0 where a name without characters fits two names of one organisation."""
    near = levels.filter((pl.col("level_name") >= 1) & (pl.col("level_organisation") == 1))
    both = pl.concat(
        [near.select(row="left", other="right"), near.select(row="right", other="left")]
    )
    named = both.join(keys.select("row", "han", "name_key"), left_on="other", right_on="row")
    fits = named.group_by("row").agg(pl.col("han", "name_key").drop_nulls().n_unique())
    unclear = fits.filter((pl.col("han") > 1) | (pl.col("name_key") > 1))["row"]
    latin = keys.filter(pl.col("han").is_null())["row"]
    open_rows = latin.filter(latin.is_in(unclear.implode())).implode()
    clear = ~(pl.col("left").is_in(open_rows) | pl.col("right").is_in(open_rows))
    return levels.select(level_readings=clear.cast(pl.Int8)).to_series()


def _from_elsewhere(keys: pl.DataFrame, pairs: pl.DataFrame, texts: pl.DataFrame) -> pl.Series:
    """Return 0 for two lines of one list: who keeps it tells them apart, so it asks."""
    wrote = keys["row"].is_in(texts["row"].unique().implode())
    source = keys["source"].fill_null("")
    same = source.gather(pairs["left"]) == source.gather(pairs["right"])
    listed = ~(wrote.gather(pairs["left"]) | wrote.gather(pairs["right"]))
    return (~(same & listed)).cast(pl.Int8).alias("level_sources")
