"""The folder of a plan: tables, documents and what has been finished so far.

Every file is written aside and then renamed, and a stage counts as finished only
when all its files stand. An interrupted run therefore resumes with the stages that
finished, provided that neither their input nor their settings have changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.conform import POLARS_TYPES
from jicheng.errors import Fault, InvalidInput, Text, Where
from jicheng.schema import plan_tables

__all__ = ["PlanFolder", "StageOutput", "read_table"]

_PROGRESS = "progress.json"
_LOCK = ".lock"


@dataclass(frozen=True)
class StageOutput:
    """What one stage hands on: tables, JSON documents, files, warnings and solver status.

    ``files`` are bytes by their path in the plan's folder, in a folder of their own.
    """

    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()
    solver: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """Reads and writes the files of one plan."""

    path: Path

    @property
    def tables(self) -> Path:
        """Folder of the result tables."""
        return self.path / "tables"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one run.

        Raises
        ------
        InvalidInput
            E612 if another process holds it.
        """
        self.tables.mkdir(parents=True, exist_ok=True)
        lock = self.path / _LOCK
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError as error:
            if _is_running(lock):
                raise InvalidInput.of("E612", path=self.path, lock=lock) from error
            lock.unlink(missing_ok=True)
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        with os.fdopen(handle, "w") as file:
            file.write(str(os.getpid()))
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)

    def finished(self, stage: str, key: str) -> StageOutput | None:
        """Return what a stage wrote under the same key, or None if it must run."""
        record = self._progress().get(stage)
        if record is None or record["key"] != key:
            return None
        files = {self.path / name: digest for name, digest in record["files"].items()}
        if any(not file.is_file() or _digest(file) != digest for file, digest in files.items()):
            return None
        tables = {file.stem: read_table(file) for file in files if file.parent == self.tables}
        documents = {
            file.stem: json.loads(file.read_text("utf-8"))
            for file in files
            if file.parent == self.path
        }
        return StageOutput(
            tables,
            documents,
            {
                file.relative_to(self.path).as_posix(): file.read_bytes()
                for file in files
                if file.parent not in (self.path, self.tables)
            },
            tuple(_fault_of(plain) for plain in record["warnings"]),
            record["solver"],
            record["seconds"],
        )

    def save(self, stage: str, key: str, output: StageOutput) -> None:
        """Write the files of a stage, then note that it is finished."""
        files: dict[str, str] = {}
        for name, table in output.tables.items():
            files[f"tables/{name}.csv"] = self.write(f"tables/{name}.csv", table.write_csv())
        for name, document in output.documents.items():
            text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
            files[f"{name}.json"] = self.write(f"{name}.json", text)
        for name, content in output.files.items():
            files[name] = self.write(name, content)
        progress = self._progress()
        progress[stage] = {
            "key": key,
            "files": files,
            "warnings": [_plain_fault(found) for found in output.warnings],
            "solver": dict(output.solver),
            "seconds": output.seconds,
        }
        self.write(_PROGRESS, json.dumps(progress, ensure_ascii=False, indent=1, sort_keys=True))

    def write(self, name: str, content: str | bytes) -> str:
        """Write one file aside, rename it into place, and return its SHA-256."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_name(f".{file.name}.partial")
        data = content.encode() if isinstance(content, str) else content
        with aside.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(file)
        return hashlib.sha256(data).hexdigest()

    def _progress(self) -> dict[str, Any]:
        file = self.path / _PROGRESS
        try:
            content: dict[str, Any] = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content


def read_table(file: Path) -> pl.DataFrame:
    """Read a result table with the types of its schema."""
    table = plan_tables()[file.stem]
    types = {attribute.name: POLARS_TYPES[attribute.kind] for attribute in table.attributes}
    return pl.read_csv(file, schema=types)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _is_running(lock: Path) -> bool:
    try:
        os.kill(int(lock.read_text("ascii")), 0)
    except (OSError, ValueError):
        return False
    return True


def _plain_fault(found: Fault) -> dict[str, Any]:
    where = found.where
    return {
        "code": found.code,
        "message": [found.message.zh, found.message.en],
        "hint": [found.hint.zh, found.hint.en],
        "where": [where.table, where.sheet, where.row, where.column],
    }


def _fault_of(plain: Mapping[str, Any]) -> Fault:
    return Fault(
        plain["code"],
        Text(*plain["message"]),
        Text(*plain["hint"]),
        Where(*plain["where"]),
        is_warning=True,
    )
