"""What a rehearsal stores is what is called later, and it ends with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from numba import njit

from jicheng.kernel.rehearsal import STAGES, _is_stored


@njit(cache=True)
def _one_more(x: int) -> int:
    return x + 1


def start(**environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "jicheng.kernel.rehearsal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
    )


def test_every_stage_is_named_when_its_kernels_are_ready() -> None:
    for rehearse in STAGES.values():
        rehearse()  # compiles here what is not stored yet
    with start() as process:
        assert process.stdout is not None
        assert process.stdout.read().decode().split() == ["consortia", "portfolio"]
    assert process.returncode == 0


def test_a_process_ends_when_its_input_closes(tmp_path: Path) -> None:
    with start(NUMBA_CACHE_DIR=str(tmp_path)) as process:
        while not list(tmp_path.rglob("*.nbc")):
            assert process.poll() is None
            time.sleep(0.05)
    assert process.returncode == 0
    indices = {file.name.removesuffix(".nbi") for file in tmp_path.rglob("*.nbi")}
    codes = {file.name.rsplit(".", 2)[0] for file in tmp_path.rglob("*.nbc")}
    assert indices == codes
    assert not list(tmp_path.rglob("*.tmp.*"))


def test_a_kernel_is_stored_once_it_was_called_after_its_source_was_written() -> None:
    _one_more(1)
    indices = list(Path(_one_more.stats.cache_path).glob("*._one_more-*.nbi"))
    for index in indices:
        os.utime(index)
    assert _is_stored(_one_more)
    for index in indices:
        os.utime(index, (0, 0))
    assert not _is_stored(_one_more)
