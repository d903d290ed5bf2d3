"""Files and folders that are written whole or not at all, and by one program at a time."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["locked_folder", "replaced_folder", "write_file"]


def write_file(path: Path, data: bytes) -> None:
    """Write a file aside, force it to disk, and put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o666 & ~_umask())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes the place of ``path`` when all went well.

    Until then ``path`` keeps its old content. If filling it raises, the new folder
    is removed and the old one stands as before. What the old folder held is removed
    at the end: the caller makes sure that nothing in it is missed.
    """
    path = path.absolute()  # "." cannot be renamed, the folder that it means can
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent))
    old = aside.with_suffix(".old")
    try:
        yield aside
        for file in sorted(aside.rglob("*")):
            if file.is_file():
                _sync_file(file)
        _sync_folder(aside)
        aside.chmod(0o777 & ~_umask())
        if path.exists():
            path.rename(old)
        try:
            aside.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _sync_folder(path.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def locked_folder(path: Path) -> Iterator[None]:
    """Wait until no other program has this folder locked, and lock it meanwhile.

    The folder is locked and not a file in it, since a file that is replaced takes its lock
    along. The lock binds those who ask for it, and ends with the process. On Windows folders
    cannot be locked: there two programs that write at once are not kept apart.
    """
    if sys.platform == "win32":
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and needs no sync
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
