"""The planted truth: what a right analysis finds in the sample, and how well one did.

Only tests and demonstrations read it; no stage does.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jicheng.sample.chains import Chains
from jicheng.sample.challenges import challenge_of
from jicheng.sample.consortia import Consortia, Scarcity
from jicheng.sample.planting import Planting, Role

__all__ = ["Recovery", "Truth", "truth_of"]

_NOT_COUNTED = (Role.BORDERLINE, Role.NO_DATA, Role.CATEGORY)


@dataclass(frozen=True, slots=True)
class Recovery:
    """How far verdicts agree with the planted truth.

    Attributes
    ----------
    found, missed : tuple of str
        Planted chokepoints with and without the verdict ``chokepoint``.
    called_safe : tuple of str
        Planted chokepoints with the verdict ``safe``.
    false : tuple of str
        Technologies with the verdict ``chokepoint`` that are planted as none.
    n_negative : int
        Technologies that are planted as no chokepoint; borderline ones, categories
        and those without data count on neither side.
    """

    found: tuple[str, ...]
    missed: tuple[str, ...]
    called_safe: tuple[str, ...]
    false: tuple[str, ...]
    n_negative: int

    @property
    def recall(self) -> float:
        """Share of the planted chokepoints that were found."""
        return len(self.found) / (len(self.found) + len(self.missed))

    @property
    def false_rate(self) -> float:
        """Share of the negatives that were called a chokepoint."""
        return len(self.false) / self.n_negative


@dataclass(frozen=True)
class Truth:
    """What was planted.

    Attributes
    ----------
    technologies : polars.DataFrame
        technology, role (see :class:`~jicheng.sample.planting.Role`), is_chokepoint
        (empty = counts on neither side), withheld_by (``;``-joined countries).
    challenges : polars.DataFrame
        challenge, technology, is_feasible (whether the zone alone holds every need),
        scarcity, capability (the scarce one), holder (of it: the only one in the
        zone, or the one outside), consortium (``;``-joined, lead first).
    pairs : polars.DataFrame
        first, second, product, country: inputs worth more together than apart.
    scale, seed : str, int
        Arguments that made the sample.
    """

    technologies: pl.DataFrame
    challenges: pl.DataFrame
    pairs: pl.DataFrame
    scale: str
    seed: int

    @property
    def chokepoints(self) -> tuple[str, ...]:
        """Planted chokepoints."""
        return tuple(self.technologies.filter(pl.col("is_chokepoint"))["technology"])

    def recovery(self, verdicts: pl.DataFrame) -> Recovery:
        """Compare verdicts with the truth.

        Parameters
        ----------
        verdicts : polars.DataFrame
            Columns ``technology`` and ``verdict``, such as the plan's table
            ``chokepoints``. A technology without a row was not found.
        """
        both = self.technologies.join(
            verdicts.select("technology", "verdict"), on="technology", how="left",
            maintain_order="left",
        )  # fmt: skip
        planted = both.filter(pl.col("is_chokepoint"))
        others = both.filter(~pl.col("is_chokepoint"))
        is_found = (pl.col("verdict") == "chokepoint").fill_null(value=False)
        return Recovery(
            found=tuple(planted.filter(is_found)["technology"]),
            missed=tuple(planted.filter(~is_found)["technology"]),
            called_safe=tuple(planted.filter(pl.col("verdict") == "safe")["technology"]),
            false=tuple(others.filter(is_found)["technology"]),
            n_negative=others.height,
        )


def truth_of(
    chains: Chains, planting: Planting, consortia: Consortia, *, scale: str, seed: int
) -> Truth:
    """Write down what was planted."""
    technologies = pl.DataFrame(
        [
            {
                "technology": name,
                "role": role.value,
                "is_chokepoint": None if role in _NOT_COUNTED else role is Role.CHOKEPOINT,
                "withheld_by": ";".join(planting.withheld_by.get(name, ())),
            }
            for name, role in planting.roles.items()
        ],
        infer_schema_length=None,
    )
    challenges = pl.DataFrame(
        [
            {
                "challenge": challenge_of(name),
                "technology": name,
                "is_feasible": consortia.scarcity[name] is not Scarcity.IMPOSSIBLE,
                "scarcity": consortia.scarcity[name].value,
                "capability": chains.own_capability.get(name, "")
                if consortia.scarcity[name] is not Scarcity.COMMON
                else "",
                "holder": consortia.holder.get(name, ""),
                "consortium": ";".join(members),
            }
            for name, members in consortia.members.items()
        ]
    )
    pairs = pl.DataFrame(
        [(pair.first, pair.second, pair.product, pair.country) for pair in planting.pairs],
        schema=dict.fromkeys(("first", "second", "product", "country"), pl.String),
        orient="row",
    )
    return Truth(technologies, challenges, pairs, scale, seed)
