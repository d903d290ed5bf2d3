"""Fixtures of the tests of the stage ``rules``: firms of the sample without its chains."""

from __future__ import annotations

import pytest

from jicheng.sample import generate
from jicheng.zone import Zone

KEPT = ("zones", "organisations", "people", "indicators", "qualifications", "policies", "sites")


@pytest.fixture(scope="package")
def firms() -> Zone:
    """The small sample zone with its firms, their facts and its policies, nothing else."""
    zone = generate(scale="small", seed=5).zone
    return Zone({name: zone[name] for name in KEPT}, zone.sources)
