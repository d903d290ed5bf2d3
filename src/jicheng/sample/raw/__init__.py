"""Five raw Excel files of a made-up small zone, with typical faults and a known truth.

What an office would send: a list of firms, patents, papers and projects, equipment, key
technologies. Names, codes and texts are invented; the truth says which names are one firm,
who holds which capability, and which faults must be told at which cell.
"""

from __future__ import annotations

from jicheng.sample.raw.generate import RawSample, RawTruth, generate_raw

__all__ = ["RawSample", "RawTruth", "generate_raw"]
