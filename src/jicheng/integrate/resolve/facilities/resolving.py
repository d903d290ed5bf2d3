"""Join records of facilities from several sources, and keep why.

The serial number (or number of the asset) of an owner decides. Beyond it name, owner and
model must fit (``rules.csv``), and the records must come from two sources: an owner may have
two of the same, and a list of what it has names each of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import polars as pl

from jicheng.errors import Text
from jicheng.integrate.resolve.judgements import Judgements
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.model.scored import Scored, no_pairs
from jicheng.integrate.resolve.names.script import plain_name
from jicheng.integrate.resolve.records import Records, as_table, replaced
from jicheng.integrate.resolve.resolution import Resolution, left_out
from jicheng.integrate.resolve.rules.deciding import decided, rule_book
from jicheng.integrate.resolve.rules.pairing import agreement_level, pairs_sharing
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = ["COLUMNS", "model_of", "prepare_facilities", "resolve_facilities"]

COLUMNS = (
    "id", "source", "as_of", "name", "name_en", "owner", "kind", "model", "maker", "serial",
)  # fmt: skip
_ONE_LIST = Text("同一来源中分列的两台设施", "two facilities that one source lists")
_PACKAGE = "jicheng.integrate.resolve.facilities"
_MODEL = re.compile(
    r"(?<![a-z0-9])(?=[a-z0-9./:-]*\d)(?=[a-z0-9./:-]*[a-z])[a-z0-9][a-z0-9./:-]{2,}"
)
_NO_LETTER = re.compile(r"[\W_]+", re.UNICODE)
_SHORTEST_SERIAL = 3
_LONGEST = 200  # characters of a name that are read
_ALIKE = 0.5  # share of pairs of characters in common


def resolve_facilities(
    facilities: pl.DataFrame,
    *,
    judgements: Judgements | None = None,
    settings: ResolveSettings | None = None,
) -> Resolution:
    """Find which records are one facility.

    Parameters
    ----------
    facilities : polars.DataFrame
        ``id`` and ``name``, and any of ``COLUMNS``; ``owner`` is what
        :func:`~jicheng.integrate.resolve.resolve` calls it. Further columns are kept.
    judgements : Judgements, optional
        What people decided before.
    settings : ResolveSettings, optional
        Whether more than serial numbers is compared, and limits.

    Returns
    -------
    Resolution
        Members, review list, facilities and explanations.

    Raises
    ------
    InvalidInput
        E374, E378, E379: judgements and records that cannot be read.
    """
    settings = settings or ResolveSettings()
    ready = prepare_facilities(facilities)
    scored, engine = no_pairs(rule_book(_PACKAGE).comparisons), "identifiers"
    if settings.probable:
        scored, engine = _compared(ready.keys, settings.largest_block), "rules"
    return Resolution(
        ready, scored, judgements or Judgements(), settings, engine, tuple(left_out(scored.blocks))
    )


def prepare_facilities(facilities: pl.DataFrame) -> Records:
    """Check records of facilities and make them comparable.

    Raises
    ------
    InvalidInput
        E379 if id or name is missing, E378 if an id occurs twice or is empty.
    """
    table = as_table(facilities, COLUMNS)
    serial = replaced(table["serial"], _letters)
    is_said = (serial.str.len_chars() >= _SHORTEST_SERIAL) & table["owner"].is_not_null()
    keys = pl.DataFrame(
        {
            "source": table["source"],
            "owner": table["owner"],
            "model": table.select(
                pl.coalesce(replaced(table["model"], _letters), replaced(table["name"], model_of))
            ).to_series(),
            "title": replaced(table["name"], _title),
            "kind": replaced(table["kind"], _letters),
            "maker": replaced(table["maker"], _letters),
        }
    ).with_columns(
        asset=pl.when(is_said).then(pl.concat_str("owner", pl.lit("|"), serial)),
    )
    keys = keys.with_row_index("row").with_columns(
        pl.col("row").cast(pl.Int64), start=pl.col("title").str.head(2)
    )
    return Records(
        Kind.FACILITY, table, keys, (), identifiers=("asset",), parting=("owner", "model")
    )


def model_of(name: str) -> str | None:
    """Return the number of a model that a name holds: letters and digits in one word.

    Examples
    --------
    >>> model_of("JEM-2100F 场发射透射电子显微镜")
    'jem2100f'
    """
    found = _MODEL.search(plain_name(name[:_LONGEST]))
    return _letters(found.group()) if found else None


def _letters(text: str) -> str:
    """Return a text without blanks, hyphens and the like, in small letters."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text).lower())


def _title(name: str) -> str:
    """Return a name without the number of its model; the whole if nothing else is left."""
    plain = plain_name(name[:_LONGEST])
    return _letters(_MODEL.sub("", plain)) or _letters(plain)


def _compared(keys: pl.DataFrame, limit: int) -> Scored:
    looked = [
        pairs_sharing(keys, rule, columns, limit)
        for rule, columns in (
            ("owner_model", ["owner", "model"]),
            ("owner_name", ["owner", "title"]),
            ("name_model", ["title", "model"]),
            ("owner_start", ["owner", "start"]),
        )
    ]
    pairs = pl.concat([found for found, _ in looked]).unique().sort("left", "right")
    levels = pairs.with_columns(
        _level_of(keys, pairs, "title", _likeness).alias("level_name"),
        agreement_level(keys, pairs, "owner").alias("level_owner"),
        _level_of(keys, pairs, "model", _same_model).alias("level_model"),
        agreement_level(keys, pairs, "kind").alias("level_kind"),
        agreement_level(keys, pairs, "maker").alias("level_maker"),
        _from_two_sources(keys, pairs),
    )
    twins = levels.filter((pl.col("level_sources") == 0) & (pl.col("level_owner") == 1))
    twins = twins.filter(agreement_level(keys, twins, "asset") != 1).select("left", "right")
    return decided(
        levels, rule_book(_PACKAGE), tuple(block for _, block in looked),
        dict.fromkeys(twins.rows(), _ONE_LIST),
    )  # fmt: skip


def _level_of(
    keys: pl.DataFrame, pairs: pl.DataFrame, column: str, of: Callable[[str, str], int]
) -> pl.Series:
    left, right = (keys[column].gather(pairs[side]).to_list() for side in ("left", "right"))
    return pl.Series(
        [of(a, b) if a and b else -1 for a, b in zip(left, right, strict=True)], dtype=pl.Int8
    )


def _likeness(a: str, b: str) -> int:
    """Return 3 for the same name, 2 for one in the other or half of its pairs of characters."""
    if a == b:
        return 3
    one, other = ({name[k : k + 2] for k in range(len(name) - 1)} for name in (a, b))
    shared = len(one & other) / max(1, len(one | other))
    return 2 if shared >= _ALIKE or (min(len(a), len(b)) > 2 and (a in b or b in a)) else 0


def _same_model(a: str, b: str) -> int:
    """Return 2 for the same, 1 if one character differs."""
    if a == b:
        return 2
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        return int(sum(x != y for x, y in zip(a, b, strict=True)) == 1)
    return int(
        len(long) - len(short) == 1
        and any(long[:k] + long[k + 1 :] == short for k in range(len(long)))
    )


def _from_two_sources(keys: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Return 1 unless both records come from one source, or neither says from where."""
    one, other = (keys["source"].fill_null("").gather(pairs[side]) for side in ("left", "right"))
    return (one != other).cast(pl.Int8).alias("level_sources")
