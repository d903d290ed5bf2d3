"""What commands print: errors with their remedies, tables, JSON, progress; and how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.errors import Fault, JichengError, fault

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "SAMPLE",
    "example",
    "print_faults",
    "print_frame",
    "print_json",
    "print_sample",
    "print_table",
    "spinner",
    "stage_bars",
    "told_errors",
]

_SHOWN_FAULTS = 40
SAMPLE = "示例数据，非真实情况 / sample data, not real"


def example(*lines: str) -> str:
    """Return the part of a help text that shows how a command is called."""
    return "\b\n例 / Example:\n" + "\n".join(f"  {line}" for line in lines)


@contextmanager
def told_errors() -> Iterator[None]:
    """Print errors in both languages, each with its remedy, and leave with code 2.

    What the system refuses, such as a file that Excel has open, is an error of this kind, too.
    """
    try:
        yield
    except JichengError as error:
        print_faults(error.faults)
        raise SystemExit(2) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        path = Path(str(error.filename or "–")).name
        print_faults([fault("E670", path=path, reason=error.strerror or str(error))])
        raise SystemExit(2) from error


def print_faults(faults: tuple[Fault, ...] | list[Fault]) -> None:
    """Print faults in both languages, errors and warnings alike."""
    for found in faults[:_SHOWN_FAULTS]:
        mark = "警告 / warning" if found.is_warning else "错误 / error"
        click.echo(f"{mark}: {found.in_language('zh')}", err=True)
        click.echo(f"    {found.in_language('en')}", err=True)
    if len(faults) > _SHOWN_FAULTS:
        click.echo(f"…… 共 {len(faults)} 条 / {len(faults)} in all", err=True)


def print_json(value: Any) -> None:
    """Print plain values as JSON; what has no JSON form is printed as text."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str, allow_nan=False))


def print_sample(*, aside: bool = False) -> None:
    """Print that the figures are of made-up data; ``aside`` = not among the results."""
    click.echo(SAMPLE, err=aside)


def print_table(frame: pl.DataFrame, table: str, columns: tuple[str, ...]) -> None:
    """Print columns of a plan table under their labels, choices by their names."""
    from rich.console import Console
    from rich.table import Table

    from jicheng.schema import choices, plan_tables

    schema = plan_tables()[table]
    shown = Table(box=None, pad_edge=False)
    for name in columns:
        label = schema[name].label
        is_number = frame[name].dtype.is_numeric()
        shown.add_column(f"{label.zh}\n{label.en}", justify="right" if is_number else "left")
    labels = {
        name: {choice.value: choice.label.zh for choice in choices()[schema[name].choice]}
        for name in columns
        if schema[name].choice
    }
    for row in frame.select(columns).iter_rows(named=True):
        shown.add_row(*(_cell(row[name], labels.get(name)) for name in columns))
    Console(width=None if sys.stdout.isatty() else 200).print(shown)


def print_frame(frame: pl.DataFrame) -> None:
    """Print a table under its own names."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(*frame.columns, box=None, pad_edge=False)
    for row in frame.iter_rows():
        shown.add_row(*(_cell(value, None) for value in row))
    Console(width=None if sys.stdout.isatty() else 200).print(shown)


def _cell(value: Any, labels: Mapping[str, str] | None) -> str:
    if value is None:
        return "–"
    if labels is not None:
        return labels.get(str(value), str(value))
    if isinstance(value, float):  # small amounts keep three digits that tell something
        return f"{value:.3f}" if value == 0.0 or abs(value) >= 0.01 else f"{value:.3g}"
    return str(value)


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """Show that something is going on."""
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def stage_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a stage; yields the callback ``(label, done, total)``."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def report(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total)
            bars.update(tasks[label], completed=done, total=total)

        yield report
