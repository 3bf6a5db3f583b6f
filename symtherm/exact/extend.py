"""Programs made longer, and their exact values at random points.

A quantity that is linear in the outputs of a program, such as a current in a steady state, is a
program too. Its values are exact at every point at which they are taken: over the rationals, or
modulo a prime where square roots would leave the rationals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from random import Random
from typing import Any

from flint import fmpq, nmod

from symtherm.exact.fraction import Fraction, Poly, Ring
from symtherm.exact.matrix import modular_point
from symtherm.exact.program import Program, Step

__all__ = ["Extension", "Point", "random_point"]


class Extension:
    """Steps appended to a program whose leaves have been rewritten; equal steps once.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(2)
    >>> x, y = (Fraction.of(R, g) for g in R.gens())
    >>> more = Extension(Program((("in", 0, 0),), (x,), {0: 0}), [x])
    >>> product = more.combination([(y, 0)])
    >>> [step[0] for step in more.program({0: product}).steps], more.leaves
    (['in', 'in', '*'], [(g0)/(1), (g1)/(1)])
    """

    def __init__(self, program: Program, leaves: Sequence[Fraction]) -> None:
        self.steps: list[Step] = list(program.steps)
        self.leaves = list(leaves)
        self._known = {step: k for k, step in enumerate(self.steps)}
        self._numbers = {_key(leaf): k for k, leaf in enumerate(self.leaves)}

    def step(self, operation: str, a: int, b: int = 0) -> int:
        """The node of one operation."""
        key = (operation, a, b)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.steps)
            self.steps.append(key)
        return number

    def leaf(self, value: Fraction) -> int:
        """The node of a fraction."""
        key = _key(value)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.leaves)
            self.leaves.append(value)
        return self.step("in", number)

    def combination(self, terms: Iterable[tuple[Fraction, int]]) -> int | None:
        """The node of sum c_k x_k; None for the empty sum, an exact zero.

        Terms of one coefficient are added before they are multiplied.
        """
        groups: dict[tuple[str, str], tuple[Fraction, list[int]]] = {}
        for value, node in terms:
            if value:
                groups.setdefault(_key(value), (value, []))[1].append(node)
        total: int | None = None
        for value, nodes in groups.values():
            inner = nodes[0]
            for node in nodes[1:]:
                inner = self.step("+", inner, node)
            term = inner if value == 1 else self.step("*", self.leaf(value), inner)
            total = term if total is None else self.step("+", total, term)
        return total

    def program(self, outputs: dict[int, int | None]) -> Program:
        """What was recorded, as a program."""
        return Program(tuple(self.steps), tuple(self.leaves), outputs)


def _key(value: Fraction) -> tuple[str, str]:
    return str(value.num), str(value.den)


class Point:
    """A homomorphism from a ring to a field, applied to fractions by a call."""

    def __init__(self, field: Any, images: Sequence[Any]) -> None:
        self.field, self.images = field, list(images)

    def poly(self, poly: Poly) -> Any:
        """The value of a polynomial."""
        total = self.field(0)
        for exponents, coefficient in poly.to_dict().items():
            term = self.field(coefficient)
            for image, k in zip(self.images, exponents, strict=True):
                if k:
                    term *= image ** int(k)
            total += term
        return total

    def __call__(self, value: Fraction) -> Any:
        """The value of a fraction; raises ZeroDivisionError where its denominator vanishes."""
        top = self.poly(value.num)
        return top if value.den.is_one() else top / self.poly(value.den)


def random_point(base: Ring, seed: int, *, modular: bool = False) -> Point:
    """A random point of a ring: positive rationals, or residues modulo a prime.

    Residues where the ring has square roots, which rationals need not have, and where ``modular``
    asks for them: the rationals of a program of a million steps have hundreds of digits.

    An identity between fractions holds at every point. One that fails as a whole holds at a random
    point only by chance (Schwartz and Zippel: at most its degree over the number of values of one
    coordinate), so agreement there is a check, and no proof.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> at = random_point(R, 1)
    >>> at(Fraction.of(R, R.gen(0) + 1, R.gen(0))) == 1 + 1 / at.images[0]
    True
    """
    if base.roots or modular:
        prime, values = modular_point(base, seed)
        residue = partial(_residue, prime)
        return Point(residue, [residue(value) for value in values])
    random = Random(seed)
    images = [fmpq(random.randint(1, 99), random.randint(1, 20)) for _ in range(base.size)]
    return Point(fmpq, images)


def _residue(prime: int, value: Any) -> Any:
    return nmod(int(value) % prime, prime)
