"""Make records into a file, or resolve those of a file, in a process of their own."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.identity import measured
from bench.made_up.identities import identities

if __name__ == "__main__":
    step, file, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if step == "make":
        identities(count).write_parquet(file)
    else:
        for label, figure in measured(file).items():
            print(f"{label}\t{figure}")
