"""FriCAS's nullSpace over the field of fractions, timed by FriCAS itself."""

from __future__ import annotations

import re
import subprocess
from typing import Any

__all__ = ["null_space_seconds"]

# FriCAS prints hundredths of a second: repeat until they are many.
LEAST = 0.5
SCRIPT = """)set messages time on
)set output algebra off
m : Matrix Fraction Polynomial Integer := matrix([{rows}])
for i in 1..{repeat} repeat nullSpace(m)
)quit
y
"""


def null_space_seconds(block: Any) -> float:
    """Seconds of one ``nullSpace`` of a sparse matrix of polynomials, evaluation time only."""
    rows = [["0"] * block.size for _ in range(block.size)]
    for j in range(block.size):
        for i, v in block.column(j).items():
            rows[i][j] = str(v.num) if v.den.is_one() else f"({v.num})/({v.den})"
    # An underscore continues a line; FriCAS does not read very long ones.
    text = ",_\n".join("[" + ",_\n".join(row) + "]" for row in rows)
    repeat = 1
    while True:
        script = SCRIPT.format(rows=text, repeat=repeat)
        done = subprocess.run(
            ["fricas", "-nosman"], input=script, capture_output=True, text=True, check=True
        )
        *_, line = (x for x in done.stdout.splitlines() if "Time:" in x)
        seconds = sum(float(t) for t in re.findall(r"([0-9.]+) \((?:EV|GC)\)", line))
        if seconds >= LEAST:
            return seconds / repeat
        repeat *= 10
