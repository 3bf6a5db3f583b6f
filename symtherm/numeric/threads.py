"""Blocks of points shared among threads: NumPy's kernels and compiled code leave Python's lock.

Every point is computed by the same operations whoever takes its block, so results are the same
bits for any number of threads. Threads take blocks as they become free, so one that is slowed by
other work does not hold up the rest.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["available", "shared"]

T = TypeVar("T")

_pool: dict[str, ThreadPoolExecutor] = {}


def available(asked: int | None) -> int:
    """The number of threads: as asked, or by default ``OMP_NUM_THREADS`` or the usable cores.

    The default is 1 where the caller is parallel already: in a thread that is not the main one,
    such as Dask's, and in a process started by another one, such as those of an executor.

    >>> available(3)
    3
    """
    if asked is not None:
        return asked
    if threading.current_thread() is not threading.main_thread():
        return 1
    if multiprocessing.parent_process() is not None:
        return 1
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal():
        return max(1, int(given))
    cores = getattr(os, "sched_getaffinity", None)
    return len(cores(0)) if cores is not None else os.cpu_count() or 1


def shared(blocks: Iterable[T], work: Callable[[Iterator[T]], None], threads: int) -> None:
    """Runs ``work`` in ``threads`` threads, the caller's included, on one iterator of blocks.

    Raises what a thread raised; the others stop after the block that they have.

    >>> found = []
    >>> shared(range(5), found.extend, 2)
    >>> sorted(found)
    [0, 1, 2, 3, 4]
    """
    if threads < 2:
        work(iter(blocks))
        return
    common = _Shared(iter(blocks))

    def run() -> None:
        try:
            work(common)
        except BaseException:
            common.stop()
            raise

    # What the pool has no free thread for, when several callers share it, the caller does itself.
    others = [_workers(threads - 1).submit(run) for _ in range(threads - 1)]
    try:
        run()
    finally:
        for other in others:
            if not other.cancel():
                other.result()


class _Shared(Iterator[T]):
    """An iterator from which several threads take."""

    def __init__(self, blocks: Iterator[T]) -> None:
        self.blocks, self.lock = blocks, threading.Lock()

    def __next__(self) -> T:
        with self.lock:
            return next(self.blocks)

    def stop(self) -> None:
        with self.lock:
            self.blocks = iter(())


def _workers(count: int) -> ThreadPoolExecutor:
    """The pool of at least this size, kept between calls: threads cost more than blocks."""
    pool = _pool.get("pool")
    if pool is None or pool._max_workers < count:
        pool = _pool["pool"] = ThreadPoolExecutor(count, thread_name_prefix="symtherm")
    return pool


if hasattr(os, "register_at_fork"):  # threads do not survive a fork
    os.register_at_fork(after_in_child=_pool.clear)
