"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of other people's data beside the checkout; skip where it is absent."""
    folder = Path(
        os.environ.get("JICHENG_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
    )
    if not folder.is_dir():
        pytest.skip(f"needs the data folder beside the checkout ({folder} is absent)")
    return folder
