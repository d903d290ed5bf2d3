"""The solver that a plan names: is it there, and solve with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jicheng.errors import InvalidInput
from jicheng.kernel.solver import SolverMissing, backends, target_of, using
from jicheng.plan.settings import PlanSettings

__all__ = ["check_solver", "using_solver_of"]


def check_solver(backend: str) -> None:
    """Refuse a solver that cannot be used.

    Raises
    ------
    InvalidInput
        E615 if there is no such solver, E616 if it is not installed.
    """
    try:
        target_of(backend)
    except SolverMissing as error:
        raise InvalidInput.of("E616", solver=backend) from error
    except KeyError as error:
        known = ", ".join(sorted(backends()))
        raise InvalidInput.of("E615", solver=backend, known=known) from error


@contextmanager
def using_solver_of(settings: PlanSettings) -> Iterator[None]:
    """Let solves within the block that name no solver use that of a plan.

    Raises
    ------
    InvalidInput
        As :func:`check_solver`.
    """
    check_solver(settings.solver.backend)
    with using(settings.solver.backend):
        yield
