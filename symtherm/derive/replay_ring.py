"""The checker's numbers: expressions at a random point modulo a random prime, with size bounds.

An element of Z[x, I, R_1, ..., R_k] with the relations I^2 = -1, R_i^2 = r_i (r_i a polynomial in
x and earlier roots) has 2^(k+1) coordinates, polynomials in x: the coefficients of the products of
distinct roots. They are evaluated at one random point, so the numbers here are vectors of residues,
and nothing is asked of the radicands: no residue needs to be a square, no sign is chosen.

Why that is sound. R_i -> sqrt(r_i) >= 0 is a homomorphism to real (with I complex) functions, so an
element all of whose coordinates vanish is zero there, also when the radicands depend on one
another. (Then the ring has zero divisors, and a true identity may be rejected; never the reverse.)
An element that is not zero has a coordinate that is a nonzero polynomial, of degree at most D and
1-norm at most 2^h. At a random point it vanishes with probability at most D/(p - 1) (Schwartz,
J. ACM 27, 701 (1980); Zippel, 1979), and a random 128-bit prime divides all its coefficients with
probability at most (h/127)/2^120. Roots do not raise these bounds if they are weighted: with
deg R = deg(r)/2 rounded up and |R| = max(1, sqrt|r|), replacing R^2 by r raises neither the
weighted degree nor the weighted 1-norm, and |r|^(1/2) >= 1 keeps the 1-norm of a coordinate below
the weighted one. A quotient is carried as numerator and denominator for the bounds, and inverted
for the value by conjugates, one root after the other; a denominator whose norm vanishes at the
point (a pole, or a zero divisor) is an error.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

__all__ = ["BITS", "Entry", "Invalid", "Modular", "Size", "random_prime"]

BITS = 128
# More roots than this are refused: numbers have 2^(k+1) coordinates.
ROOTS = 6
Number = dict[int, int]  # set of roots as bits (bit 0 is I) -> residue


class Invalid(Exception):
    """The certificate fails; the text says where."""


@dataclass(slots=True)
class Size:
    """Bounds of an expression num/den: degrees, and log2 of the 1-norms, of both."""

    num: int = 0
    den: int = 0
    norm: float = 0.0
    below: float = 0.0


Entry = tuple[Number, Size]


class Modular:
    """Arithmetic modulo one random prime, and the running bound on a false accept."""

    def __init__(self) -> None:
        self.prime = random_prime()
        # The prime may be composite: 44 rounds of Miller and Rabin on 128 bits leave less than
        # k^(15/4) 2^(-k/2 - 2t) / 7 < 2^-128 (Damgard, Landrock, Pomerance, 1993).
        self.error = 2.0**-BITS
        self.radicands: list[Number] = [{0: self.prime - 1}]
        self.overlaps: dict[int, Number] = {0: {0: 1}}
        self.unit: Entry = ({1: 1}, Size())
        self.one: Entry = ({0: 1}, Size())
        self.zero: Entry = ({}, Size())

    def random(self) -> Entry:
        return {0: 1 + secrets.randbelow(self.prime - 1)}, Size(num=1)

    def integer(self, value: int) -> Entry:
        residue = value % self.prime
        return ({0: residue} if residue else {}), Size(norm=log2(abs(value) + 1))

    def root(self, radicand: Entry) -> Entry:
        """A new R with R^2 = radicand."""
        value, size = radicand
        if len(self.radicands) > ROOTS:
            raise Invalid(f"more than {ROOTS} square roots")
        if size.den or size.below:
            raise Invalid("a radicand that is no polynomial")
        bit = 1 << len(self.radicands)
        self.radicands.append(value)
        return {bit: 1}, Size(num=-(-size.num // 2), norm=max(0.0, size.norm / 2))

    def plus(self, left: Entry, right: Entry, sign: int = 1) -> Entry:
        (a, s), (b, t), p = left, right, self.prime
        total = dict(a)
        for key, value in b.items():
            new = (total.get(key, 0) + sign * value) % p
            if new:
                total[key] = new
            else:
                total.pop(key, None)
        if not (s.den or t.den or s.below or t.below):
            return total, Size(max(s.num, t.num), 0, max(s.norm, t.norm) + 1)
        norm = max(s.norm + t.below, t.norm + s.below) + 1
        degree = max(s.num + t.den, t.num + s.den)
        return total, Size(degree, s.den + t.den, norm, s.below + t.below)

    def times(self, left: Entry, right: Entry) -> Entry:
        (a, s), (b, t) = left, right
        size = Size(s.num + t.num, s.den + t.den, s.norm + t.norm, s.below + t.below)
        return self.product(a, b), size

    def product(self, a: Number, b: Number) -> Number:
        p = self.prime
        if len(a) == 1 and len(b) == 1 and 0 in a and 0 in b:
            return {0: a[0] * b[0] % p}
        total: Number = {}
        for m, u in a.items():
            for n, v in b.items():
                for k, w in self.overlap(m & n).items():
                    # Bits of k lie below those of m & n, but may meet those of m ^ n.
                    self.accumulate(total, m ^ n, k, u * v % p * w % p)
        return {k: v for k, v in total.items() if v}

    def accumulate(self, total: Number, m: int, k: int, value: int) -> None:
        """total += value times the root products m and k."""
        if m & k:
            for key, v in self.product({m: value}, {k: 1}).items():
                total[key] = (total.get(key, 0) + v) % self.prime
        else:
            total[m | k] = (total.get(m | k, 0) + value) % self.prime

    def overlap(self, mask: int) -> Number:
        """The product of the radicands of a set of roots."""
        found = self.overlaps.get(mask)
        if found is None:
            top = mask.bit_length() - 1
            found = self.product(self.radicands[top], self.overlap(mask ^ (1 << top)))
            self.overlaps[mask] = found
        return found

    def inverse(self, a: Number) -> Number:
        """1/a by conjugates: 1/(u + v R) = (u - v R)/(u^2 - v^2 r), the highest root first."""
        above: Number = {0: 1}
        while a and max(a) > 0:
            bit = 1 << (max(a).bit_length() - 1)
            conjugate = {k: self.prime - v if k & bit else v for k, v in a.items()}
            above, a = self.product(above, conjugate), self.product(a, conjugate)
            assert not any(k & bit for k in a)
        if not a:
            raise ZeroDivisionError
        return self.product(above, {0: pow(a[0], -1, self.prime)})

    def power(self, base: Entry, k: int) -> Entry:
        value, s = base
        if k < 0:
            value, s, k = self.inverse(value), Size(s.den, s.num, s.below, s.norm), -k
        size = Size(s.num * k, s.den * k, s.norm * k, s.below * k)
        result: Number = {0: 1}
        while k:
            if k & 1:
                result = self.product(result, value)
            value, k = self.product(value, value) if k > 1 else value, k >> 1
        return result, size

    def conjugate(self, entry: Entry) -> Entry:
        """The complex conjugate; roots are real."""
        a, size = entry
        return {k: self.prime - v if k & 1 else v for k, v in a.items()}, size

    def same(self, left: Entry, right: Entry) -> bool:
        """Whether two expressions agree, after charging the chance that unequal ones do."""
        s, t = left[1], right[1]
        degree = max(s.num + t.den, t.num + s.den)
        height = max(s.norm + t.below, t.norm + s.below) + 1
        self.error += (degree + 1) / 2.0 ** (BITS - 1) + (height / (BITS - 1)) / 2.0 ** (BITS - 8)
        return left[0] == right[0]

    def rank(self, rows: Sequence[dict[int, Number]]) -> int:
        """A lower bound of the generic rank, by elimination with invertible pivots.

        The product of the pivots is a minor. It is a unit at the random point, so its norm is a
        nonzero polynomial and the minor does not vanish for the true roots either.
        """
        pending, rank = [dict(row) for row in rows if row], 0
        while pending:
            pending.sort(key=len)
            row = pending.pop(0)
            column = min(row, key=lambda c: (sum(c in other for other in pending), c))
            inverse = self.inverse(row[column])
            rank += 1
            for other in pending:
                if column not in other:
                    continue
                factor = self.product(other.pop(column), inverse)
                for c, v in row.items():
                    if c == column:
                        continue
                    change = (self.product(factor, v), Size())
                    new = self.plus((other.get(c, {}), Size()), change, -1)[0]
                    if new:
                        other[c] = new
                    else:
                        other.pop(c, None)
            pending = [r for r in pending if r]
        return rank


def random_prime() -> int:
    """A random prime of BITS bits, by 44 rounds of Miller and Rabin with random bases."""
    while True:
        n = secrets.randbits(BITS) | (1 << (BITS - 1)) | 1
        if all(n % q for q in (3, 5, 7, 11, 13, 17, 19, 23)) and miller_rabin(n):
            return n


def miller_rabin(n: int) -> bool:
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(44):
        x = pow(2 + secrets.randbelow(n - 3), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True
