"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# On CI the same examples each time, so that a change is judged and not the dice; at a
# desk new ones, so that the dice find what nobody thought of. No example has a deadline:
# what a busy machine does to it says nothing of the code.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of other people's data beside the checkout; skip where it is absent."""
    folder = Path(
        os.environ.get("JICHENG_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
    )
    if not folder.is_dir():
        pytest.skip(f"needs the data folder beside the checkout ({folder} is absent)")
    return folder
