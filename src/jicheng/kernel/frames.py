"""Send Python objects through a pipe: length in eight bytes, then the pickle.

Only for the pipes between a process and the worker that it started itself.
"""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

__all__ = ["read_frame", "write_frame"]

_LENGTH = struct.Struct("<Q")


def write_frame(pipe: IO[bytes] | None, message: object) -> None:
    """Write one message whole.

    Raises
    ------
    OSError
        If the other side is gone.
    """
    if pipe is None:
        raise BrokenPipeError
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def read_frame(pipe: IO[bytes] | None) -> Any:
    """Read one message.

    Raises
    ------
    EOFError
        If the other side is gone, also in the middle of a message.
    """
    if pipe is None:
        raise EOFError
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return pickle.loads(_exactly(pipe, length))  # noqa: S301 - our own worker's pipe


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    body = pipe.read(length)
    if body is None or len(body) < length:
        raise EOFError
    return body
