"""Where Splink scores pairs: DuckDB in this process, or Spark. The model is the same."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.errors import InvalidInput, Text, fault
from jicheng.integrate.resolve.model.comparisons import comparisons
from jicheng.integrate.resolve.settings import Backend, ResolveSettings

__all__ = ["Model", "check_backend", "predicted", "spark_is_missing"]


@dataclass(frozen=True, slots=True)
class Model:
    """What Splink is told: comparisons, blocking conditions, prior, least probability."""

    comparisons: list[dict[str, Any]]
    rules: list[str]
    prior: float
    least: float

    def settings(self) -> Any:
        """Return it as Splink takes it."""
        from splink import SettingsCreator  # noqa: PLC0415 - extra

        return SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="row",
            comparisons=self.comparisons,
            blocking_rules_to_generate_predictions=self.rules,
            probability_two_random_records_match=self.prior,
            retain_matching_columns=True,
            retain_intermediate_calculation_columns=True,
        )


def predicted(frame: pl.DataFrame, model: Model, settings: ResolveSettings) -> pl.DataFrame:
    """Return the pairs that are likely enough, in any order.

    Parameters
    ----------
    frame : polars.DataFrame
        ``row``, the comparable columns and those that block.
    model : Model
        What Splink is told.
    settings : ResolveSettings
        Where it is computed.

    Raises
    ------
    InvalidInput
        E386 for a backend that is none, E387 if Spark or Java is not there.
    """
    check_backend(settings)
    return _BACKENDS[settings.backend](frame, model, settings)


def check_backend(settings: ResolveSettings) -> None:
    """Refuse a backend that is none or cannot run here.

    Raises
    ------
    InvalidInput
        E386 for a backend that is none, E387 if Spark or Java is not there.
    """
    if settings.backend not in _BACKENDS:
        near = ", ".join(_BACKENDS)
        raise InvalidInput([fault("E386", backend=settings.backend, near=near)])
    missing = spark_is_missing() if settings.backend == Backend.SPARK else None
    if missing is not None:
        raise InvalidInput([fault("E387", what=missing)])


def _on_duckdb(frame: pl.DataFrame, model: Model, settings: ResolveSettings) -> pl.DataFrame:
    import duckdb  # noqa: PLC0415 - extra
    from splink import DuckDBAPI  # noqa: PLC0415 - extra

    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": settings.threads,
                "memory_limit": f"{settings.memory_gb}GB",
                "temp_directory": folder,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        connection.register("records", frame.to_arrow())
        connection.execute("CREATE TABLE records_in AS SELECT * FROM records ORDER BY row")
        connection.unregister("records")
        relation = _scored(DuckDBAPI(connection), "records_in", model).as_duckdbpyrelation()
        pairs: pl.DataFrame = relation.project(", ".join(_chosen(relation.columns))).pl()
        connection.close()
    return pairs


def _on_spark(frame: pl.DataFrame, model: Model, settings: ResolveSettings) -> pl.DataFrame:
    from splink import SparkAPI  # noqa: PLC0415 - extra

    with (
        tempfile.TemporaryDirectory(dir=settings.shared_folder or None) as folder,
        _session(settings, folder) as session,
    ):
        there, back = Path(folder) / "records.parquet", Path(folder) / "pairs"
        frame.write_parquet(there)
        records = session.read.parquet(there.as_uri())
        # no function of Splink's jar is used, so none is loaded
        api = SparkAPI(
            spark_session=session, break_lineage_method="persist",
            register_udfs_automatically=False,
        )  # fmt: skip
        found = _scored(api, records, model).as_spark_dataframe()
        found.selectExpr(*_chosen(found.columns)).write.parquet(back.as_uri())
        session.catalog.clearCache()
        files = sorted(back.glob("*.parquet"))
        return pl.concat([pl.read_parquet(file) for file in files])


def _scored(api: Any, records: Any, model: Model) -> Any:
    from splink import Linker  # noqa: PLC0415 - extra

    linker = Linker(api.register(records), model.settings(), log_level=None)
    return linker.inference.predict(threshold_match_probability=model.least, warning_mode="never")


def _chosen(columns: list[str]) -> list[str]:
    """Return what is read of a pair: the level -1 for not said, weights with what rarity adds."""
    chosen = [
        "CAST(least(row_l, row_r) AS BIGINT) AS left",
        "CAST(greatest(row_l, row_r) AS BIGINT) AS right",
        "CAST(match_weight AS DOUBLE) AS weight",
        "CAST(match_probability AS DOUBLE) AS probability",
    ]
    for name in comparisons():
        rarity = f" + mw_tf_adj_{name}" if f"mw_tf_adj_{name}" in columns else ""
        chosen += [
            f"CAST(gamma_{name} AS TINYINT) AS level_{name}",
            f"CAST(mw_{name}{rarity} AS DOUBLE) AS weight_{name}",
        ]
    return chosen


def spark_is_missing() -> Text | None:
    """Return what Spark lacks on this machine; None if it can run."""
    if find_spec("pyspark") is None:
        return Text("pyspark 组件", "the package pyspark")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return Text("Java（17 或更高版本）", "Java (17 or later)")
    return None


@contextmanager
def _session(settings: ResolveSettings, folder: str) -> Iterator[Any]:
    """Give the active session of Spark, or one that ends with the work."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - extra

    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    builder = SparkSession.builder.master(settings.spark_master).appName("jicheng")
    options = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(4 * settings.threads),
        "spark.sql.warehouse.dir": str(Path(folder) / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
    }
    if settings.spark_master.startswith("local"):
        options |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": f"{int(settings.memory_gb * 1000)}m",
        }
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


_BACKENDS: Mapping[str, Callable[[pl.DataFrame, Model, ResolveSettings], pl.DataFrame]] = {
    Backend.DUCKDB: _on_duckdb,
    Backend.SPARK: _on_spark,
}
