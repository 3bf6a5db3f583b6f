"""Singular's syz, warm and timed in the same manner as ours, call by call in turns."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from statistics import median
from types import TracebackType
from typing import Any

from symtherm.exact.matrix import SparseMatrix

__all__ = ["Singular", "in_turns"]

# Processor seconds of one round of each side, and rounds; fewer where one call takes longer.
ROUND = 0.05
ROUNDS = 15


class Singular:
    """A Singular process that holds a matrix as the module of its columns.

    Entries are those of the matrix, rationals included; the ring has the order that it is fastest
    with. ``seconds`` is processor time of that process, read from outside.
    """

    def __init__(self, matrix: SparseMatrix) -> None:
        columns = []
        for j in range(matrix.size):
            entries = ["0"] * matrix.size
            for i, v in matrix.column(j).items():
                text = str(v.num) if v.den.is_one() else f"({v.num})/({v.den})"
                entries[i] = re.sub(r"g(\d+)", r"g(\1)", text)
            columns.append("[" + ",".join(entries) + "]")
        self.process = subprocess.Popen(
            ["Singular", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        # The processor clock of another process (clock_getcpuclockid of POSIX, as Linux has it).
        self.clock = (~self.process.pid << 3) | 2
        self.say(
            f"ring r=0,(g(0..{matrix.base.size - 1})),(c,dp); "
            f"module m={','.join(columns)}; int i; module s;"
        )

    def say(self, text: str) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(text + '\nprint("done");\n')
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.strip() == "done":
                return
        raise RuntimeError("Singular ended")

    def seconds(self, calls: int) -> float:
        """Processor seconds a call of ``syz``, over so many calls."""
        start = time.clock_gettime(self.clock)
        self.say(f"for (i=0; i<{calls}; i++) {{ s=syz(m); }}")
        return (time.clock_gettime(self.clock) - start) / calls

    def __enter__(self) -> Singular:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()


def _seconds(function: Callable[[], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - start) / calls


def in_turns(matrix: SparseMatrix, function: Callable[[], Any]) -> dict[str, float]:
    """Medians over rounds in which Singular and ``function`` take turns, both warm.

    ``ratio`` is the median of the ratios of a round, which other work on the machine changes least.
    """
    with Singular(matrix) as other:
        first = other.seconds(1)
        second = other.seconds(1)
        theirs = max(1, round(ROUND / second))
        function()
        own = max(1, round(ROUND / _seconds(function, 3)))
        count = ROUNDS if second < ROUND else 3
        rounds = [(other.seconds(theirs), _seconds(function, own)) for _ in range(count)]
    return {
        "first": first,
        "singular": median(a for a, _ in rounds),
        "ours": median(b for _, b in rounds),
        "ratio": median(a / b for a, b in rounds),
    }
