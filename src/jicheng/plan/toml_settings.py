"""Read and write settings: nested frozen dataclasses as TOML tables.

Unknown names and wrong types are faults with the nearest known name; nothing is
silently ignored, because a misspelt threshold would change a decision unseen.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from jicheng.errors import Fault, InvalidInput, Where, fault

__all__ = ["as_plain", "read_settings", "settings_from"]

SettingsType = TypeVar("SettingsType")


def as_plain(settings: Any) -> Any:
    """Return settings as dicts, lists and scalars that JSON can hold, keys sorted."""
    if dataclasses.is_dataclass(settings):
        names = sorted(field.name for field in dataclasses.fields(settings))
        return {name: as_plain(getattr(settings, name)) for name in names}
    if isinstance(settings, Mapping):
        return {str(name): as_plain(settings[name]) for name in sorted(settings)}
    if isinstance(settings, frozenset | set):
        return sorted(as_plain(value) for value in settings)
    if isinstance(settings, tuple | list):
        return [as_plain(value) for value in settings]
    if isinstance(settings, Path):
        return str(settings)
    return settings


def read_settings(path: Path, kind: type[SettingsType]) -> SettingsType:
    """Read settings of a dataclass from a TOML file.

    Raises
    ------
    InvalidInput
        E601 if the file is no TOML, E602 and E603 for unknown names and wrong
        types; all faults at once.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput.of("E601", file=path.name, reason=str(error)) from error
    return settings_from(content, kind)


def settings_from(content: Mapping[str, Any], kind: type[SettingsType]) -> SettingsType:
    """Make settings from plain values, the inverse of :func:`as_plain`."""
    faults: list[Fault] = []
    settings = _build(content, kind, "", faults)
    if faults:
        raise InvalidInput(faults)
    return settings


def _build(
    content: Mapping[str, Any], kind: type[SettingsType], path: str, faults: list[Fault]
) -> SettingsType:
    hints = get_type_hints(kind)
    known = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]  # a dataclass by contract
    values: dict[str, Any] = {}
    for name, value in content.items():
        place = f"{path}{name}"
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known
            faults.append(fault("E602", where=Where(column=place), near=", ".join(near)))
            continue
        values[name] = _convert(value, hints[name], place, faults)
    return kind(**values)


def _convert(value: Any, hint: Any, place: str, faults: list[Fault]) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return _build(value, hint, f"{place}.", faults)  # type: ignore[arg-type]  # a class, not an instance
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        rest = [argument for argument in arguments if argument is not type(None)]
        return _convert(value, rest[0], place, faults)
    if origin is Literal:
        if value not in arguments:
            faults.append(fault("E603", where=Where(column=place), value=value,
                                expected=" / ".join(map(str, arguments))))  # fmt: skip
        return value
    if origin is tuple and isinstance(value, list | tuple):
        inner = arguments[0]
        return tuple(_convert(item, inner, place, faults) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, Mapping):
        return {str(k): _convert(v, arguments[1], place, faults) for k, v in value.items()}
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and issubclass(hint, str) and isinstance(value, str):
        try:
            return hint(value)
        except ValueError:
            faults.append(_wrong(place, value, hint))
            return value
    if (
        isinstance(hint, type)
        and isinstance(value, hint)
        and not (hint is int and isinstance(value, bool))
    ):
        return value
    faults.append(_wrong(place, value, hint))
    return value


def _wrong(place: str, value: Any, hint: Any) -> Fault:
    expected = getattr(hint, "__name__", str(hint))
    return fault("E603", where=Where(column=place), value=value, expected=expected)
