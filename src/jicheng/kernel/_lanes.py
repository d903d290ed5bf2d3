"""Eight shocks side by side: one sweep over a network, every instruction serving them all.

A state of shape (n, 8) keeps the losses of firm i under eight independent shocks in one
cache line. A sweep reads, for every firm, the lines of the firms that it depends on, and
writes the firm's new line. Each lane is computed alone and in the same order of edges,
so its figures never depend on what the other seven hold.

Numba leaves out the pass of LLVM that finds such vectors in plain loops, so the inner
loop is written here with LLVM's vector type; every machine for which numba compiles has
it. Measured against eight scalars in plain numba: two to three times faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

__all__ = ["AHEAD", "LANES", "lanes_of_zeros", "sweep"]

LANES = 8
"""Shocks in a sweep: eight float64 fill one cache line."""
AHEAD = 24
"""Edges between the prefetch of a line and its use; ``source`` is that much longer."""

_INDEX = ir.IntType(64)
_FLAG = ir.IntType(32)
_LINE = ir.VectorType(ir.DoubleType(), LANES)
_ADDRESS = ir.IntType(8).as_pointer()


def lanes_of_zeros(n: int) -> NDArray[np.float64]:
    """Return zeros of shape (n, 8), each row in a cache line of its own.

    Rows that straddle two lines make a sweep a quarter slower; numpy aligns to 16 bytes.
    """
    line = LANES * 8
    buffer = np.zeros((n + 1) * line, dtype=np.uint8)
    first = -buffer.ctypes.data % line
    return buffer[first : first + n * line].view(np.float64).reshape(n, LANES)


@njit(cache=True, nogil=True)
def sweep(idle, start, source, weight, keep, old, new, rise):
    """Write the next losses of all firms in eight lanes, and each lane's largest rise.

    For firm i, with edges e from ``start[i]`` to ``start[i + 1]``,

        new[i] = max(old[i], sum over e of weight[e] old[source[e]])        keep empty
        new[i] = max(old[i], the same sum of each group of edges)           else

    Firms without an edge must come first; their lines are neither read nor written.

    Parameters
    ----------
    idle : int
        Number of firms without an edge.
    start : ndarray of uint32, shape (n + 1,)
        First edge of each firm, and the number of edges.
    source : ndarray of uint32, shape (edges + AHEAD,)
        Firm whose loss an edge passes on; the last AHEAD entries are any valid firm.
    weight : ndarray of float64, shape (edges,)
        Share of that loss which is passed on, >= 0.
    keep : ndarray of uint8, shape (edges,) or (0,)
        0 at the first edge of a group, 1 at the others: the running sum is multiplied
        by it. As no part is negative, the largest running sum of a group is its sum.
    old, new : ndarray of float64, shape (n, 8)
        State read and state written, from :func:`lanes_of_zeros`; never the same.
    rise : ndarray of float64, shape (1, 8)
        Written: largest of ``new - old`` in each lane.
    """
    if keep.size:
        _sweep_groups(idle, start.size - 1, start, source, weight, keep, old, new, rise)
    else:
        _sweep_sums(idle, start.size - 1, start, source, weight, keep, old, new, rise)


class _Emitter:
    """Writes LLVM instructions on scalars and on lines of the arrays of one call."""

    def __init__(self, context: Any, builder: Any, kinds: Any, arrays: Any) -> None:
        self.builder = builder
        self.data = [
            context.make_array(kind)(context, builder, array).data
            for kind, array in zip(kinds, arrays, strict=True)
        ]

    def scalar(self, array: int, index: Any) -> Any:
        return self.builder.load(self.builder.gep(self.data[array], [index]))

    def index(self, array: int, index: Any) -> Any:
        return self.builder.zext(self.scalar(array, index), _INDEX)

    def place(self, array: int, row: Any) -> Any:
        first = self.builder.mul(row, ir.Constant(_INDEX, LANES))
        return self.builder.gep(self.data[array], [first])

    def read(self, array: int, row: Any) -> Any:
        line = self.builder.bitcast(self.place(array, row), _LINE.as_pointer())
        return self.builder.load(line, align=8)

    def write(self, array: int, row: Any, value: Any) -> None:
        line = self.builder.bitcast(self.place(array, row), _LINE.as_pointer())
        self.builder.store(value, line, align=8)

    def prefetch(self, array: int, row: Any) -> None:
        kind = ir.FunctionType(ir.VoidType(), [_ADDRESS, _FLAG, _FLAG, _FLAG])
        hint = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch")
        address = self.builder.bitcast(self.place(array, row), _ADDRESS)
        to_read, keep_near, as_data = (ir.Constant(_FLAG, flag) for flag in (0, 3, 1))
        self.builder.call(hint, [address, to_read, keep_near, as_data])

    def spread_over_line(self, value: Any) -> Any:
        empty = ir.Constant(_LINE, ir.Undefined)
        first = self.builder.insert_element(empty, value, ir.Constant(_FLAG, 0))
        lanes = ir.Constant(ir.VectorType(_FLAG, LANES), [0] * LANES)
        return self.builder.shuffle_vector(first, empty, lanes)

    def larger(self, left: Any, right: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered(">", left, right), left, right)


def _emit_sweep(emit: _Emitter, first_row: Any, n_rows: Any, *, is_grouped: bool) -> None:
    start, source, weight, keep, old, new, rise = range(7)
    builder = emit.builder
    zero, one = ir.Constant(_LINE, [0.0] * LANES), ir.Constant(_INDEX, 1)
    rising, total, largest = (cgutils.alloca_once_value(builder, zero) for _ in range(3))
    with cgutils.for_range_slice(builder, first_row, n_rows, one, _INDEX) as (row, _):
        before = emit.read(old, row)
        builder.store(zero, total)
        builder.store(before, largest)
        first, end = emit.index(start, row), emit.index(start, builder.add(row, one))
        with cgutils.for_range_slice(builder, first, end, one, _INDEX) as (edge, _):
            ahead = builder.add(edge, ir.Constant(_INDEX, AHEAD))
            emit.prefetch(old, emit.index(source, ahead))
            running = builder.load(total)
            if is_grouped:
                kept = builder.uitofp(emit.scalar(keep, edge), ir.DoubleType())
                running = builder.fmul(running, emit.spread_over_line(kept))
            passed = emit.read(old, emit.index(source, edge))
            share = emit.spread_over_line(emit.scalar(weight, edge))
            running = builder.fadd(running, builder.fmul(share, passed))
            builder.store(running, total)
            if is_grouped:
                builder.store(emit.larger(running, builder.load(largest)), largest)
        after = builder.load(largest) if is_grouped else emit.larger(builder.load(total), before)
        emit.write(new, row, after)
        step = builder.fsub(after, before)
        builder.store(emit.larger(step, builder.load(rising)), rising)
    emit.write(rise, ir.Constant(_INDEX, 0), builder.load(rising))


def _sweep_intrinsic(*, is_grouped: bool) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]  # numba has no types
    def emit_sweep(
        _typing: Any, idle: Any, n_rows: Any, start: Any, source: Any, weight: Any, keep: Any,
        old: Any, new: Any, rise: Any,
    ) -> Any:  # fmt: skip
        rows = types.intp, types.intp
        signature = types.void(*rows, start, source, weight, keep, old, new, rise)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            emit = _Emitter(context, builder, signature.args[2:], arguments[2:])
            _emit_sweep(emit, arguments[0], arguments[1], is_grouped=is_grouped)
            return context.get_dummy_value()

        return signature, generate

    return emit_sweep


_sweep_sums = _sweep_intrinsic(is_grouped=False)
_sweep_groups = _sweep_intrinsic(is_grouped=True)
