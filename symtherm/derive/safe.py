"""Whether the checker will accept the divisions of a certificate, before it is called a proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from secrets import randbelow

from symtherm.derive.replay import SIGN, SOUND, Checker, Invalid, Value

__all__ = ["safe_divisions"]

PRIME = (1 << 127) - 1


class Signs(Checker):
    """What the checker reads off forms; roots and functions are any numbers here."""

    def root(self, v: Value) -> Value:
        self.bit *= 2
        return replace(v, residues=(1 + randbelow(PRIME - 1),) * self.width)

    def rebuilt(self, f: str, argument: str, u: Value) -> Value:
        return self.root(u)


def safe_divisions(
    names: Sequence[Mapping[str, str]], texts: Iterable[str], positive: bool = False
) -> bool:
    """Whether names in their order, and texts made of them, divide only by what is safe.

    With ``positive`` the texts have to show that they are positive, too. What is safe:
    docs/certificates.md, "Divisions".

    >>> names = [{"name": "x", "kind": "real"}, {"name": "y", "kind": "exponential", "value": "x"}]
    >>> safe_divisions(names, ["y/(x - 1)", "1/(1 + y)"]), safe_divisions(names, ["x/(y - 1)**2"])
    (True, False)
    """
    try:
        reader = Signs({"names": names, "functions": {}})
        reader.draw(PRIME)
        return all(reader.read(t, SOUND | SIGN * positive).positive() >= positive for t in texts)
    except Invalid:
        return False
