"""Ties between candidates: of the table, and of the texts that they share."""

from __future__ import annotations

from typing import Any

import pytest

from match_builders import firm, match_zone, matcher_of, told

STATED = {"a": "org:a", "b": "org:b", "kind": "co_patent", "weight": 1, "source": "survey"}
DERIVED = STATED | {"source": "jicheng.profile: 1 texts"}


def tied(ties: list[dict[str, Any]], *, with_text: bool) -> list[tuple[str | None, float]]:
    """Return text and weight of the ties between two firms that may share a patent."""
    zone = match_zone(
        organisations=[firm("org:a"), firm("org:b")],
        texts=[{"id": "txt:p", "kind": "patent", "title": "方法"}],
        text_parties=[told("txt:p", name) for name in ("org:a", "org:b")] if with_text else [],
        ties=ties,
    )
    return matcher_of(zone).ties.rows.select("text", "weight").rows()


@pytest.mark.parametrize(
    ("ties", "with_text", "found"),
    [
        ([DERIVED], True, [("txt:p", 1.0)]),
        ([DERIVED], False, [(None, 1.0)]),
        ([STATED], True, [("txt:p", 1.0), (None, 1.0)]),
    ],
)
def test_what_a_profile_wrote_of_a_text_is_not_told_beside_it(
    ties: list[dict[str, Any]], with_text: bool, found: list[tuple[str | None, float]]
) -> None:
    assert tied(ties, with_text=with_text) == found
