"""What reading an identifier found: its plain form, and what is wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from jicheng.errors import Fault, Text, Where, fault

__all__ = [
    "LABELS",
    "Identifier",
    "Scheme",
    "bare",
    "checksum_fault",
    "format_fault",
    "misshapen",
]


class Scheme(StrEnum):
    """Who gives the identifier, and so how it is built."""

    CREDIT_CODE = "credit_code"
    LEI = "lei"
    ROR = "ror"
    ORCID = "orcid"


LABELS = {
    Scheme.CREDIT_CODE: Text("统一社会信用代码", "unified social credit code"),
    Scheme.LEI: Text("法人机构识别编码（LEI）", "legal entity identifier (LEI)"),
    Scheme.ROR: Text("研究机构标识（ROR）", "ROR id of a research organisation"),
    Scheme.ORCID: Text("科研人员标识（ORCID）", "ORCID iD of a person"),
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier as it was read.

    Attributes
    ----------
    scheme : Scheme
        Which kind it is.
    code : str
        Its plain form: capitals or small letters as the scheme writes them, without
        blanks, dashes and address. Of a faulty one what is left of it.
    fault : Fault or None
        Why it cannot be right (E370 format, E371 checksum); None if it can.
    caution : Fault or None
        What is odd about a valid one (E372: the organisation code inside).
    """

    scheme: Scheme
    code: str
    fault: Fault | None = None
    caution: Fault | None = None

    @property
    def is_valid(self) -> bool:
        """Whether form and check digit are right."""
        return self.fault is None


def bare(text: str, *, dropped: str = "-", case: Callable[[str], str] = str.upper) -> str:
    """Return a text half-width, in one case, without blanks and the characters of ``dropped``."""
    wide = unicodedata.normalize("NFKC", text)
    dashes = "‐‑‒–—−" if "-" in dropped else ""
    kept = "".join(one for one in wide if not one.isspace() and one not in dropped + dashes)
    # letters whose neighbours went, or whose case changed, may now join with a mark
    return unicodedata.normalize("NFKC", case(kept))


def format_fault(scheme: Scheme, code: str, why: Text, where: Where | None) -> Fault:
    """Say that a text cannot be an identifier of the scheme."""
    return fault("E370", where=where, scheme=LABELS[scheme], given=code, why=why)


def checksum_fault(scheme: Scheme, code: str, where: Where | None) -> Fault:
    """Say that the check digit of an identifier does not fit."""
    return fault("E371", where=where, scheme=LABELS[scheme], given=code)


def misshapen(code: str, length: int, alphabet: str) -> Text | None:
    """Return why a text has not the length or the letters of an identifier, else None."""
    if len(code) != length:
        return Text(
            f"有 {len(code)} 位，应为 {length} 位",
            f"it has {len(code)} characters, not {length}",
        )
    strange = sorted({one for one in code if one not in alphabet})
    if strange:
        shown = " ".join(strange)
        return Text(f"不应出现 {shown}", f"{shown} cannot occur in it")
    return None
