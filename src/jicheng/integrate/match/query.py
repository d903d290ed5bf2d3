"""What is looked for: words, needed capabilities, and limits on who may take it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import polars as pl

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.coverage import needs_of
from jicheng.integrate.match.filters import Constraints
from jicheng.zone import Zone

__all__ = [
    "NEEDS",
    "Query",
    "QueryKind",
    "query_of_challenge",
    "query_of_policy",
    "query_of_result",
    "query_of_text",
]

NEEDS = pl.Schema(
    {
        "capability": pl.String,
        "level": pl.Float64,
        "weight": pl.Float64,
        "is_proposed": pl.Boolean,
        "likeness": pl.Float64,
    }
)
_LONGEST = 20_000  # letters of a text that is looked for; more is no need but a book


class QueryKind(StrEnum):
    """What a match starts from."""

    CHALLENGE = "challenge"
    TEXT = "text"
    RESULT = "result"
    POLICY = "policy"


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Attributes
    ----------
    kind : QueryKind
        What it starts from.
    id : str
        Of the challenge, the text or the policy; empty for words that a person typed.
    title : Text
        What it is called.
    words : str
        What texts are compared with.
    needs : polars.DataFrame
        ``capability``, ``level`` (0 = any), ``weight`` (sum 1), ``is_proposed`` (by
        likeness, not by a person), ``likeness``.
    constraints : Constraints
        Who may take it up.
    place_of : str
        Id of the organisation to which distances count; empty = the zone's centre.
    own_texts : tuple of str
        Texts that are the query itself and no evidence for anybody.
    warnings : tuple of Fault
        What it lacks.
    """

    kind: QueryKind
    id: str
    title: Text
    words: str
    needs: pl.DataFrame
    constraints: Constraints
    place_of: str = ""
    own_texts: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = field(default=())

    @property
    def is_proposed(self) -> bool:
        """Whether the needed capabilities are proposed and not stated."""
        return bool(self.needs["is_proposed"].any())

    def with_constraints(self, **changes: Any) -> Query:
        """Return the query with some limits changed."""
        return replace(self, constraints=replace(self.constraints, **changes))

    def with_needs(self, needs: pl.DataFrame) -> Query:
        """Return the query with other needs."""
        return replace(self, needs=needs)


def query_of_challenge(zone: Zone, name: str) -> Query:
    """Read a challenge of the zone, or a technology that has none yet, as a query.

    Parameters
    ----------
    zone : Zone
        ``challenges``, ``technologies``, ``needs`` and ``capabilities`` are read.
    name : str
        Id of a challenge, or of a technology.

    Raises
    ------
    InvalidInput
        E053 if there is neither, with the nearest ids.
    """
    challenge = _row(zone["challenges"], name)
    technology = _row(zone["technologies"], challenge["technology"] if challenge else name)
    if challenge is None and technology is None:
        ids = [*zone["challenges"]["id"], *zone["technologies"]["id"]]
        raise InvalidInput.of("E053", name=name, near=nearest(name, ids, otherwise="-"))
    called, known = challenge or {}, technology or {}
    wanted = pl.DataFrame({"challenge": [name], "technology": [called.get("technology") or name]})
    needs = needs_of(zone, wanted).select(
        "capability",
        "level",
        "weight",
        is_proposed=pl.lit(value=False),
        likeness=pl.lit(None, pl.Float64),
    )
    titles = [
        called.get("name") or known.get("name"),
        called.get("name_en") or known.get("name_en"),
    ]
    owner = called.get("owner")
    return Query(
        kind=QueryKind.CHALLENGE,
        id=name,
        title=Text(titles[0] or name, titles[1] or titles[0] or name),
        words=_challenge_words(zone, called, known, needs),
        needs=needs.cast(NEEDS),
        constraints=Constraints(
            lead_kinds=_parts(called.get("lead_kinds")) or ("firm",),
            member_limit=called.get("member_limit") or 0,
            owners=(owner,) if owner else (),
            members=_parts(called.get("consortium")),
        ),
        place_of=owner or "",
        warnings=() if needs.height else (fault("E054", name=name, is_warning=True),),
    )


def _row(frame: pl.DataFrame, name: str | None) -> dict[str, Any] | None:
    found = frame.filter(pl.col("id") == pl.lit(name, pl.String)).head(1).to_dicts()
    return found[0] if found else None


def _parts(cell: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (cell or "").split(";") if part.strip())


def _challenge_words(
    zone: Zone, challenge: Mapping[str, Any], technology: Mapping[str, Any], needs: pl.DataFrame
) -> str:
    """Return the words that describe a challenge, each sentence once.

    What it is called, what the technology is, then the names of the needed capabilities:
    names alone are often too short to be told apart.
    """
    named = zone["capabilities"].join(needs.select("capability"), left_on="id",
                                      right_on="capability", how="semi")  # fmt: skip
    told = [
        challenge.get("name") or challenge.get("name_en"),
        technology.get("name") or technology.get("name_en"),
        technology.get("description"),
        *named["name"].to_list(),
    ]
    return "。".join(dict.fromkeys(one.strip("。 ") for one in told if one))


def query_of_text(words: str) -> Query:
    """Make a query of words that a person typed; the needs are proposed later.

    Raises
    ------
    InvalidInput
        E055 if there are no words, or far too many.
    """
    plain = " ".join(words.split())
    if not plain or len(plain) > _LONGEST:
        raise InvalidInput.of("E055", count=len(plain), most=_LONGEST)
    short = plain if len(plain) <= 60 else f"{plain[:60]}…"
    return Query(
        kind=QueryKind.TEXT,
        id="",
        title=Text(short, short),
        words=plain,
        needs=pl.DataFrame(schema=NEEDS),
        constraints=Constraints(),
    )


def query_of_result(zone: Zone, given: str) -> Query:
    """Make a query of a result: the id of a text of the zone, or words.

    Its own parties are no answer: they have the result already.
    """
    row = _row(zone["texts"], given)
    if row is None:
        return replace(
            query_of_text(given),
            kind=QueryKind.RESULT,
            constraints=Constraints(kinds=("firm",)),
        )
    made = query_of_text(f"{row['title']}。{row['body'] or ''}"[:_LONGEST])
    parties = zone["text_parties"].filter(pl.col("text") == given)["party"]
    return replace(
        made,
        kind=QueryKind.RESULT,
        id=given,
        title=Text(row["title"], row["title"]),
        constraints=Constraints(kinds=("firm",), owners=tuple(parties.unique().sort())),
        own_texts=(given,),
    )


def query_of_policy(zone: Zone, name: str) -> Query:
    """Make a query of a policy; who is like it is a candidate, never entitled by that.

    Raises
    ------
    InvalidInput
        E056 if there is no such policy.
    """
    row = _row(zone["policies"], name)
    if row is None:
        ids = zone["policies"]["id"].to_list()
        raise InvalidInput.of("E056", name=name, near=nearest(name, ids, otherwise="-"))
    told = [row["name"], row["kind"], row["chain"], row["document"]]
    made = query_of_text("。".join(one for one in told if one))
    return replace(
        made,
        kind=QueryKind.POLICY,
        id=name,
        title=Text(row["name"], row["name_en"] or row["name"]),
        constraints=Constraints(kinds=(), allow_abroad=True),
    )
