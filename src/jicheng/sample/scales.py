"""How large a sample zone is: a small one for tests, one of the paper's size.

The figures of the larger scale are those of the paper that the project follows:
over 40,000 technology firms and 3,000 high-tech enterprises, 118 little giants, 87
listed firms, 43 platforms in the tiers "2+3+N", over 1,000 research institutions of
which 9 provincial ones, and over 1,000 leading people. Everything else is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import InvalidInput

__all__ = ["SCALES", "Scale", "scale_of"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts of a sample zone.

    ``n_planted`` is the closed range of the number of planted chokepoints,
    ``n_pairs`` counts complementary pairs among them. ``n_traps`` is the number of
    each kind of trap (see :mod:`jicheng.sample.planting`) and ``n_by_firm`` that of
    technologies with shares by firm; ``n_texts`` is the most holdings that texts are written
    about. ``purses_wan`` is the money of the four purses in
    10,000 yuan. Counts of titles, borderline cases and traps are upper limits where
    few candidates exist, as in the small zone.
    """

    name: str
    whole_chains: bool
    n_firms: int
    n_high_tech: int
    n_little_giants: int
    n_listed: int
    n_institutes: int
    n_provincial: int
    n_platforms: int
    n_universities: int
    n_investors: int
    n_outside: int
    n_foreign: int
    n_people: int
    n_teams: int
    n_facilities: int
    n_planted: tuple[int, int]
    n_pairs: int
    n_borderline: int
    n_no_data: int
    n_traps: int
    n_by_firm: int
    n_texts: int
    purses_wan: tuple[int, int, int, int]


SCALES = {
    "small": Scale(
        name="small",
        whole_chains=False,
        n_firms=300,
        n_high_tech=30,
        n_little_giants=2,
        n_listed=4,
        n_institutes=24,
        n_provincial=2,
        n_platforms=7,
        n_universities=2,
        n_investors=4,
        n_outside=16,
        n_foreign=8,
        n_people=40,
        n_teams=10,
        n_facilities=12,
        n_planted=(5, 6),
        n_pairs=1,
        n_borderline=2,
        n_no_data=3,
        n_traps=1,
        n_by_firm=3,
        n_texts=300,
        purses_wan=(4_000, 1_500, 2_500, 2_000),
    ),
    "zone": Scale(
        name="zone",
        whole_chains=True,
        n_firms=40_000,
        n_high_tech=3_120,
        n_little_giants=118,
        n_listed=87,
        n_institutes=1_000,
        n_provincial=9,
        n_platforms=43,
        n_universities=6,
        n_investors=120,
        n_outside=400,
        n_foreign=80,
        n_people=1_000,
        n_teams=240,
        n_facilities=160,
        n_planted=(12, 18),
        n_pairs=2,
        n_borderline=8,
        n_no_data=10,
        n_traps=4,
        n_by_firm=14,
        n_texts=4_000,
        purses_wan=(16_000, 6_000, 10_000, 8_000),
    ),
}


def scale_of(name: str) -> Scale:
    """Return the scale called ``name``.

    Raises
    ------
    InvalidInput
        E701 if there is no such scale.
    """
    if name not in SCALES:
        raise InvalidInput.of("E701", scale=name, known=" / ".join(SCALES))
    return SCALES[name]
