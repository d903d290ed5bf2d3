"""What retrieval assumes; every number is ours unless its comment says so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from urllib.parse import urlsplit

from jicheng.errors import InvalidInput, fault

__all__ = ["DEFAULT_WEIGHTS", "Endpoint", "RetrievalSettings", "check_settings", "stored_settings"]

DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"e5": 1.0, "use": 0.5, "endpoint": 1.0, "words": 0.2, "grams": 0.2}
)
"""Weight of each part's z in the sum; a part that is absent adds nothing."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An embedding service that the site runs itself, spoken to as OpenAI's is.

    Attributes
    ----------
    url : str
        Address of the service up to and without ``/embeddings``; http or https.
    model : str
        Name of the model there.
    key_variable : str
        Environment variable that holds the access key; empty: none is sent.
    query_prefix, document_prefix : str
        What the model wants before a query and before a document.
    timeout_s : float
        Longest wait for one answer [s], > 0.
    batch : int
        Texts a request, >= 1.
    """

    url: str
    model: str
    key_variable: str = ""
    query_prefix: str = ""
    document_prefix: str = ""
    timeout_s: float = 30.0
    batch: int = 64


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    """How texts are indexed and compared.

    Attributes
    ----------
    engines : tuple of str
        Vector engines that are wanted, by the name of their part; one that is not
        installed is left out with a warning. Empty: words alone, without a warning.
    weights : mapping of str to float
        Weight of each part in the sum, >= 0.
    most_e5 : int
        Largest corpus that is encoded with e5 too; it encodes about 17 texts of 150
        characters a second, against 350 of USE.
    least_centred : int
        Texts of a language from which its mean is taken off; with fewer it says little.
    longest_vector : int
        Characters of a text that vectors are made of; what follows counts for words.
    longest_words : int
        Characters of a text that words are taken from.
    most_exact : int
        Texts up to which vectors are compared one by one; above, approximately.
    k1, b : float
        BM25's saturation, >= 0, and correction for length, 0 to 1 (customary values).
    gloss_boost : float
        Weight of a word that the term list gives for a term of the query, 0 to 1; grams of it
        count half of that; 0: off.
    feedback : int
        Texts of each language, the best at first, towards which a query's vectors are moved
        before the candidates are ordered; 0: off.
    feedback_share : float
        How far: length of their mean beside the query's, >= 0.
    endpoint : Endpoint or None
        Service asked for the engine ``endpoint``. Texts are sent there.
    """

    engines: tuple[str, ...] = ("use", "e5")
    weights: Mapping[str, float] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    most_e5: int = 5_000
    least_centred: int = 50
    longest_vector: int = 1_000
    longest_words: int = 20_000
    most_exact: int = 300_000
    k1: float = 1.2
    b: float = 0.75
    gloss_boost: float = 0.75
    feedback: int = 5
    feedback_share: float = 0.5
    endpoint: Endpoint | None = None


_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "most_e5": (0, math.inf), "least_centred": (2, math.inf), "longest_vector": (1, math.inf),
        "longest_words": (1, math.inf), "most_exact": (0, math.inf), "k1": (0, 100), "b": (0, 1),
        "gloss_boost": (0, 1), "feedback": (0, 1_000), "feedback_share": (0, 100),
    }
)  # fmt: skip


def check_settings(settings: RetrievalSettings) -> None:
    """Refuse settings outside their ranges.

    Raises
    ------
    InvalidInput
        E003 for each setting that is out of range; every one is listed.
    """
    faults = []
    for item in fields(settings):
        if item.name in _RANGES:
            low, high = _RANGES[item.name]
            value = getattr(settings, item.name)
            if not low <= value <= high:
                told = f"{low:g} – {high:g}"
                faults.append(fault("E003", name=item.name, value=value, range=told))
    for name, weight in settings.weights.items():
        if not 0 <= weight < math.inf:
            faults.append(fault("E003", name=f"weights.{name}", value=weight, range=">= 0"))
    if settings.endpoint is not None:
        place = urlsplit(settings.endpoint.url)
        if place.scheme not in {"http", "https"} or not place.netloc:
            faults.append(
                fault("E003", name="endpoint.url", value=settings.endpoint.url, range="http(s)://")
            )
        if settings.endpoint.timeout_s <= 0 or settings.endpoint.batch < 1:
            told = f"{settings.endpoint.timeout_s}, {settings.endpoint.batch}"
            faults.append(
                fault("E003", name="endpoint.timeout_s, batch", value=told, range="> 0, >= 1")
            )
    if faults:
        raise InvalidInput(faults)


def stored_settings(settings: RetrievalSettings) -> dict[str, object]:
    """Return the settings that an index depends on, as its manifest keeps them."""
    names = ("least_centred", "longest_vector", "longest_words", "most_exact", "k1", "b")
    return {name: getattr(settings, name) for name in names}
