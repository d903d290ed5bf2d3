"""Read an identifier of any scheme."""

from __future__ import annotations

from jicheng.errors import Where
from jicheng.identifiers.credit_code import read_credit_code
from jicheng.identifiers.finding import Identifier, Scheme
from jicheng.identifiers.lei import read_lei
from jicheng.identifiers.orcid import read_orcid
from jicheng.identifiers.ror import read_ror

__all__ = ["read"]

_READERS = {
    Scheme.CREDIT_CODE: read_credit_code,
    Scheme.LEI: read_lei,
    Scheme.ROR: read_ror,
    Scheme.ORCID: read_orcid,
}


def read(scheme: Scheme, text: str, where: Where | None = None) -> Identifier:
    """Read an identifier as people write it.

    Parameters
    ----------
    scheme : Scheme
        Which kind it is meant to be.
    text : str
        With or without blanks, dashes and address.
    where : Where, optional
        Its place, for the messages.

    Returns
    -------
    Identifier
        Plain form, with its fault if it cannot be right.

    Examples
    --------
    >>> read(Scheme.CREDIT_CODE, "9111 0108-5513 85082q").is_valid
    True
    >>> read(Scheme.ROR, "https://ror.org/05gq02987").code
    '05gq02987'
    """
    return _READERS[scheme](text, where)
