"""Identifiers of organisations and persons: read, normalised, their check digits verified.

``read(scheme, text)`` takes an identifier as people write it and returns its plain form
with what is wrong with it: a *format* fault (it cannot be one) and a *checksum* fault
(it could be one, but a character is mistyped) are two different messages.
"""

from __future__ import annotations

from jicheng.identifiers.finding import Identifier, Scheme
from jicheng.identifiers.reading import read

__all__ = ["Identifier", "Scheme", "read"]
