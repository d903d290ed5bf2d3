"""The parts of a name."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NameParts"]


@dataclass(frozen=True, slots=True)
class NameParts:
    """What the name of an organisation says; an empty part is not said.

    Attributes
    ----------
    region : str
        Province or city, short (广州); a district counts as its city.
    brand, industry : str
        What is its own, and the industry words after it.
    form : str
        Kind of legal form: limited, joint_stock, group, partnership ...
    unit : str
        Branch, institute or department of the organisation that the other parts name.
    kind : str
        firm, branch, institute, laboratory, university ...; empty if not said.
    former : str
        A former name in brackets.
    language : str
        ``zh`` or ``en`` (any name without Chinese characters).
    """

    region: str = ""
    brand: str = ""
    industry: str = ""
    form: str = ""
    unit: str = ""
    kind: str = ""
    former: str = ""
    language: str = "zh"

    @property
    def core(self) -> str:
        """Brand and industry, and the unit: the name without region and legal form."""
        whole = self.brand + self.industry
        return f"{whole}|{self.unit}" if self.unit else whole
