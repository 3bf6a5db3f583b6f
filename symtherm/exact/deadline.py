"""The time given to a computation, asked for by whatever in it takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["late", "limited"]

_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


def late() -> bool:
    """Whether the time given to the computation under way is up.

    >>> late()
    False
    """
    limit = _DEADLINE.get()
    return limit is not None and time.perf_counter() > limit


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Gives what runs inside so many seconds, or what is left of a limit around it.

    >>> with limited(0.0):
    ...     late()
    True
    """
    outer = _DEADLINE.get()
    inner = None if seconds is None else time.perf_counter() + seconds
    known = [limit for limit in (outer, inner) if limit is not None]
    token = _DEADLINE.set(min(known, default=None))
    try:
        yield
    finally:
        _DEADLINE.reset(token)
