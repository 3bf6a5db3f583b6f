"""The checker's numbers: residues modulo a random prime, and the weight that bounds a polynomial.

Why an identity that holds for them holds: docs/certificates.md, section Identities.
"""

from __future__ import annotations

from math import log2
from secrets import randbelow

from symtherm.derive.replay_text import need

__all__ = ["Entry", "Pole", "Redraw", "Residues", "random_prime", "square_root"]

Entry = tuple[tuple[int, ...], float]  # residues, one for each sign of I and the roots; weight
STEPS = 60_000_000  # of arithmetic modulo p, in all draws together: about ten seconds


class Redraw(Exception):
    """A radicand is no square at the random point."""


class Pole(Redraw):
    """The random point is on a pole."""


def random_prime() -> int:
    """A random 128-bit prime that is 1 modulo 4, by 44 rounds of Miller and Rabin."""
    while True:
        n = (1 << 127) + 4 * randbelow(1 << 125) + 1
        odd, twos = n - 1, 0
        while odd % 2 == 0:
            odd, twos = odd // 2, twos + 1
        for _ in range(44):
            x = pow(2 + randbelow(n - 3), odd, n)
            chain = [x := x if k == 0 else x * x % n for k in range(twos)]
            if chain[0] != 1 and n - 1 not in chain:
                break
        else:
            return n


def square_root(n: int, p: int) -> int:
    """A square root of n modulo p (Cipolla); Redraw if there is none, or if it is zero."""
    if pow(n, p // 2, p) != 1:
        raise Redraw
    a = randbelow(p)
    while pow(a * a - n, p // 2, p) != p - 1:
        a = randbelow(p)
    w, x, y, u, v, k = a * a - n, 1, 0, a, 1, (p + 1) // 2
    while k:
        if k & 1:
            x, y = (x * u + y * v * w) % p, (x * v + y * u) % p
        u, v, k = (u * u + v * v * w) % p, 2 * u * v % p, k // 2
    return x


class Residues:
    """Arithmetic modulo one random prime, for every choice of signs of I and the square roots."""

    def __init__(self, roots: int) -> None:
        self.steps, self.width = STEPS, 2 << roots
        need(self.width <= 128, "more than 6 square roots")

    def draw(self) -> None:
        self.spend(20_000)
        # A composite passes with probability below 2^-127: docs/certificates.md.
        self.p, self.error, self.roots = random_prime(), 2.0**-127, 0
        self.unit = self.root(self.integer(-1))

    def spend(self, steps: int) -> None:
        self.steps -= steps
        need(self.steps > 0, "more arithmetic than the checker does")

    def integer(self, n: int) -> Entry:
        return (n % self.p,) * self.width, log2(abs(n) + 1)

    def random(self) -> Entry:
        return (1 + randbelow(self.p - 1),) * self.width, 1.0

    def plus(self, a: Entry, b: Entry, sign: int = 1) -> Entry:
        self.spend(self.width + 30)
        values = tuple((x + sign * y) % self.p for x, y in zip(a[0], b[0], strict=True))
        return values, a[1] + b[1] + 1

    def times(self, a: Entry, b: Entry) -> Entry:
        self.spend(self.width + 30)
        return tuple(x * y % self.p for x, y in zip(a[0], b[0], strict=True)), a[1] + b[1]

    def power(self, a: Entry, k: int) -> Entry:
        if k < 0 and 0 in a[0]:
            raise Pole
        self.spend(50 * self.width)
        return tuple(pow(x, k, self.p) for x in a[0]), abs(k) * a[1] if k else 0.0

    def over(self, a: Entry, b: Entry) -> Entry:
        return self.times(a, self.power(b, -1))

    def root(self, a: Entry) -> Entry:
        self.spend(2000 * len(set(a[0])))
        found = {x: square_root(x, self.p) for x in set(a[0])}
        bit, self.roots = self.roots, self.roots + 1
        signed = ((found[x], self.p - found[x])[s >> bit & 1] for s, x in enumerate(a[0]))
        return tuple(signed), a[1] + 1

    def conjugate(self, a: Entry) -> Entry:
        return tuple(a[0][s ^ 1] for s in range(self.width)), a[1]

    def same(self, a: Entry, b: Entry, what: str) -> None:
        self.error += (a[1] + b[1] + 2) * 2.0**-125
        need(a[0] == b[0], f"{what}: two expressions differ")
