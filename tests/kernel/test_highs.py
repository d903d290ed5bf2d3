from __future__ import annotations

import pytest

from jicheng.kernel.solver import ProgramBuilder, solve


def test_a_continuous_column_in_one_row_does_not_hide_the_optimum() -> None:
    """HiGHS 1.14 with presolve returns 15 for this program (ERGO-Code/HiGHS 2961)."""
    builder = ProgramBuilder()
    x = builder.columns(1, cost=2.0, upper=10)
    z = builder.columns(1, cost=3.0, upper=10, integral=True)
    builder.row("need", [*x, *z], lower=4.5)
    solution = solve(builder.build())
    assert solution.objective == pytest.approx(9.0)
    assert solution.bound == pytest.approx(9.0)
