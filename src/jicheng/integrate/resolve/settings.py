"""What is assumed when records are joined; every default is ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Backend", "ResolveSettings"]


class Backend(StrEnum):
    """Where pairs of records of organisations are scored."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class ResolveSettings:
    """Thresholds and limits of joining records.

    Attributes
    ----------
    automatic : float
        Probability from which two records are joined without asking.
    review : float
        Probability from which a person is asked; below it nothing is said.
    probable : bool
        Whether records are compared beyond their identifiers (needs the extra ``er``).
    more_records_each : float
        Expected pairs of one organisation for each record: sets the prior.
    largest_block : int
        Most records that a block may hold.
    backend : Backend
        DuckDB on this machine, or Spark for what outgrows it (extra ``cluster``, Java). Both
        score the same pairs by the same levels.
    spark_master : str
        Where Spark runs, if no session is active: ``local[2]``, ``spark://...``, ``yarn``.
    shared_folder : str
        Folder through which records and pairs pass to Spark and back; all its machines must
        see it. Empty = this machine's temporary folder, which serves ``local`` only.
    threads, memory_gb : int, float
        What DuckDB may use, and the memory of a local Spark.
    """

    automatic: float = 0.85
    review: float = 0.6
    probable: bool = True
    more_records_each: float = 0.6
    largest_block: int = 300
    backend: Backend = Backend.DUCKDB
    spark_master: str = "local[2]"
    shared_folder: str = ""
    threads: int = 2
    memory_gb: float = 1.8
