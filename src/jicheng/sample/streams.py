"""Independent streams of random numbers, one for each subject.

Every part of the sample draws from its own PCG64 stream, seeded by the sample's seed
and the subject's name, so that one more draw in one part changes no other part.
"""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["stream"]


def stream(seed: int, subject: str) -> np.random.Generator:
    """Return the generator (PCG64) of a subject; equal arguments give equal numbers."""
    sequence = np.random.SeedSequence([seed, zlib.crc32(subject.encode())])
    return np.random.Generator(np.random.PCG64(sequence))
