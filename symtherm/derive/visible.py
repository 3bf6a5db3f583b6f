"""Polynomials and fractions as text that shows their sign.

A sum of nonnegative terms shows itself, also when they are binomial squares. With one square root
R, R^2 = r, the sign of A + B R comes from its norm N = A^2 - B^2 r:

    A + B R = ((A + B R)^2 + N)/(2 A)        where N >= 0: the sign of A,
    A + B R = ((A + B R)^2 - N)/(2 B R)      where N <= 0: the sign of B,

since (A + B R)^2 = 2 A (A + B R) - N = 2 B R (A + B R) + N. Both right-hand sides show their sign,
so the checker needs no rule for roots. A, B and N may contain further roots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy

from symtherm.exact.fraction import Fraction, Poly, Ring, split
from symtherm.exact.positivity import Squares, coefficient_sign, squares

__all__ = ["Shown", "added"]

# Sizes beyond which no form is looked for: norms square the number of terms.
SQUARES_LIMIT = 300
NORM_LIMIT = 60
DEPTH = 3  # norms of norms
# Polynomials whose sign is looked for on behalf of one quotient. Sizes and counts limit the search,
# not a clock, so that verdicts do not depend on the machine.
EFFORT = 200
# Terms of a sum that are written side by side.
GROUP = 30


@dataclass
class Shown:
    """The names and signs of base variables, and the radicands of the roots among them."""

    plain: Ring
    names: Sequence[str]
    signs: Sequence[str]
    roots: dict[int, Poly] = field(default_factory=dict)
    forms: dict[int, str] = field(default_factory=dict)
    assumed: list[tuple[Poly, str, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    memo: dict[tuple[str, int], tuple[int, str] | None] = field(default_factory=dict)
    depth: int = 0
    left: int = EFFORT

    def add_root(self, index: int, radicand: Poly) -> bool:
        """Make generator ``index`` the root of a polynomial; False if that may be negative."""
        form = self.product(radicand)
        self.left = EFFORT
        if form is None or form[0] != 1:
            return False
        self.roots[index], self.forms[index] = radicand, form[1]
        return True

    def assume(self, image: Fraction, name: str) -> bool:
        """Let ``name`` be what equals a fraction that is declared positive; False if of no use.

        It then shows the sign of the one factor that shows none itself.
        """
        _, factors = self.reduce(image.num).factor()
        hidden = [p for p, power in factors if power % 2 and self.sign(p) is None]
        self.left = EFFORT
        if len(hidden) != 1:
            return False
        rest = self.quotient(Fraction.of(self.plain, hidden[0]) / image)
        sign = 1 if rest is not None else -1
        rest = rest or self.quotient(Fraction.of(self.plain, -hidden[0]) / image)
        if rest is not None:
            self.assumed.append((sign * hidden[0], name, f"{name}*{_closed(rest)}"))
            self.memo.clear()
        return rest is not None

    def radicand(self, index: int) -> str:
        """The radicand of a root, visibly nonnegative."""
        return self.forms[index]

    def reduce(self, poly: Poly) -> Poly:
        """The polynomial with every root to the power 0 or 1."""
        if not self.roots:
            return poly
        roots = tuple(sorted(self.roots.items()))
        return Ring(self.plain.ctx, self.plain.size, roots).reduce(poly)

    def text(self, poly: Poly) -> str:
        """A polynomial as a sum of monomials, in the order of FLINT's (lexicographic) terms."""
        if not poly:
            return "0"
        parts = []
        for exponents, coefficient in zip(poly.monoms(), poly.coeffs(), strict=True):
            factors = [
                self.names[i] if k == 1 else f"{self.names[i]}**{int(k)}"
                for i, k in enumerate(exponents)
                if k
            ]
            number = int(coefficient)
            if abs(number) != 1 or not factors:
                factors.insert(0, str(abs(number)))
            parts.append(("- " if number < 0 else "+ ") + "*".join(factors))
        return added([part.removeprefix("+ ").replace("- ", "-") for part in parts])

    def collected(self, poly: Poly) -> str:
        """A polynomial in powers of its first generator, the coefficients likewise.

        It is read with fewer products than :meth:`text`, and does not show its sign.
        """
        terms = zip(poly.monoms(), map(int, poly.coeffs()), strict=True)
        return self._collected([(tuple(map(int, m)), c) for m, c in terms], 0)

    def _collected(self, terms: list[tuple[tuple[int, ...], int]], index: int) -> str:
        if not terms:
            return "0"
        while index < len(self.names) and all(m[index] == 0 for m, _ in terms):
            index += 1
        if index == len(self.names):
            return str(terms[0][1])
        powers: dict[int, list[tuple[tuple[int, ...], int]]] = {}
        for term in terms:
            powers.setdefault(term[0][index], []).append(term)
        parts = []
        for k, rest in powers.items():
            inner = self._collected(rest, index + 1)
            if k:
                power = self.names[index] if k == 1 else f"{self.names[index]}**{k}"
                inner = power if inner == "1" else f"{power}*({inner})"
            parts.append(inner)
        return added(parts)

    def quotient(self, value: Fraction) -> str | None:
        """A fraction as a visibly nonnegative product; None if that is not found."""
        self.left = EFFORT
        num, den = self.reduce(value.num), self.reduce(value.den)
        above, below = self.product(num), self.product(den)
        if above is None or below is None or above[0] * below[0] == -1:
            return None
        return above[1] if below[1] == "1" else f"{_closed(above[1])}/({below[1]})"

    def product(self, poly: Poly) -> tuple[int, str] | None:
        """(s, text): text shows that s * poly >= 0, factor by factor; zero is (0, "0")."""
        if not poly:
            return 0, "0"
        content, factors = poly.factor()
        number = int(content)
        sign, parts = (1 if number > 0 else -1), []
        if abs(number) != 1:
            parts.append(str(abs(number)))
        open_factors: list[Poly] = []
        for p, power in sorted(factors, key=lambda item: self.text(item[0])):
            k = int(power)
            found = self.sign(p)
            if found is None and k % 2:
                open_factors.append(p)
                k -= 1
                if not k:
                    continue
            if found is not None:
                sign *= found[0] ** k
            text = f"({self.text(p)})" if found is None else _closed(found[1])
            parts.append(text if k == 1 else f"{text}**{k}")
        while open_factors:
            twin = self._twins(open_factors)
            if twin is None:
                return None
            sign *= twin[0]
            parts.append(twin[1])
        return sign, "*".join(parts) or "1"

    def _twins(self, factors: list[Poly]) -> tuple[int, str] | None:
        """Two factors that have one sign, taken off the list: p = c q' q with q' conjugate to q.

        For instance a - b and sqrt(a) - sqrt(b): then p q = q^2 c q'.
        """
        for q in factors if self.depth == 0 else ():
            for index in self.roots:
                if q.degrees()[index] != 1 or len(q) > NORM_LIMIT:
                    continue
                a, b = split(self.plain, q, index)
                conjugate = a - b * self.plain.gen(index)
                norm = self._norm(a, b, index)
                for p in factors:
                    if p is q or not norm:
                        continue
                    other = self.product(conjugate)
                    ratio = Fraction.of(self.plain, p, norm)
                    above, below = self.product(ratio.num), self.product(ratio.den)
                    if other is None or above is None or below is None:
                        continue
                    factors.remove(p)
                    factors.remove(q)
                    text = f"({self.text(q)})**2*{_closed(other[1])}*{_closed(above[1])}"
                    return other[0] * above[0] * below[0], f"{text}/({below[1]})"
        return None

    def sign(self, poly: Poly) -> tuple[int, str] | None:
        """(s, text): text shows that s * poly >= 0, for an irreducible polynomial."""
        key = str(poly), self.depth
        if key not in self.memo:
            self.left -= 1
            found = self._sign(poly) if self.left > 0 else None
            if found is None and self.left <= 0:
                return None  # given up, not decided: not to be remembered
            self.memo[key] = found
        return self.memo[key]

    def _sign(self, poly: Poly) -> tuple[int, str] | None:
        for known, name, text in self.assumed:
            if poly in (known, -known):
                self.used.add(name)
                return (1 if poly == known else -1), text
        for s in (1, -1):
            if coefficient_sign(s * poly, self.signs) == 1:
                return s, self.text(s * poly)
        for s in (1, -1) if len(poly) <= SQUARES_LIMIT else ():
            form = squares(s * poly, self.signs)
            if form is not None:
                return s, self._squares(form)
        degrees = poly.degrees()
        completed = self._completed(poly)
        if completed is not None:
            return completed
        used = [i for i in self.roots if degrees[i]]
        for i in reversed(used):
            # A root inside another one comes back when that one is squared.
            if self.depth < DEPTH and not any(self.roots[j].degrees()[i] for j in used):
                self.depth += 1
                found = self._with_root(poly, i)
                self.depth -= 1
                if found is not None:
                    return found
        return None

    def _completed(self, poly: Poly) -> tuple[int, str] | None:
        """A x^2 + B x + C = ((2 A x + B)^2 + 4 A C - B^2)/(4 A), where 4 A C - B^2 >= 0.

        A has to be visibly positive or negative, so that the division by it is safe.
        """
        if len(poly) > NORM_LIMIT or self.depth >= DEPTH:
            return None
        for i, degree in enumerate(poly.degrees()):
            if degree != 2 or i in self.roots:
                continue
            c, b, a = split(self.plain, poly, i)
            sign = next((s for s in (1, -1) if coefficient_sign(s * a, self.signs) == 1), 0)
            if not sign:
                continue
            self.depth += 1
            rest = self.product(self.reduce(4 * a * c - b * b))
            self.depth -= 1
            if rest is not None and rest[0] >= 0:
                linear = self.text(2 * a * self.plain.gen(i) + b)
                return sign, f"(({linear})**2 + {rest[1]})/(4*{_closed(self.text(sign * a))})"
        return None

    def _with_root(self, poly: Poly, index: int) -> tuple[int, str] | None:
        parts = split(self.plain, poly, index)
        if len(parts) > 2 or max(len(p) for p in parts) > NORM_LIMIT:
            return None
        a, b = parts
        first, second = self.product(a), self.product(b)
        root = self.names[index]
        if first is not None and second is not None and first[0] == second[0]:
            return first[0], f"{first[1]} + {_closed(second[1])}*{root}"
        norm = self.product(self._norm(a, b, index))
        if norm is None:
            return self._apart(poly, a)
        # A norm of zero leaves A^2 = B^2 r: either of them decides.
        square = f"(({self.text(poly)})**2 + {norm[1]})"
        if norm[0] >= 0 and first is not None and first[0]:
            return first[0], f"{square}/(2*{_closed(first[1])})"
        if norm[0] <= 0 and second is not None:
            return second[0], f"{square}/(2*{_closed(second[1])}*{root})"
        return self._apart(poly, a)

    def _norm(self, a: Poly, b: Poly, index: int) -> Poly:
        return self.reduce(a * a - b * b * self.roots[index])

    def _apart(self, poly: Poly, a: Poly) -> tuple[int, str] | None:
        """Terms of A of one sign, and the rest of A + B R of the same sign by its own norm."""
        for s in (1, -1):
            terms = a.to_dict()
            shown = {
                m: c
                for m, c in terms.items()
                if s * c > 0
                and not any(k % 2 for k, t in zip(m, self.signs, strict=True) if t == "real")
            }
            if not shown or len(shown) == len(terms):
                continue
            part = self.plain.ctx.from_dict(shown)
            rest = self.product(poly - part)
            if rest is not None and rest[0] == s:
                return s, f"{self.text(s * part)} + {rest[1]}"
        return None

    def _squares(self, found: Squares) -> str:
        def monomial(m: tuple[int, ...]) -> str:
            return "*".join(f"{self.names[i]}**{k}" for i, k in enumerate(m) if k) or "1"

        def number(q: Any) -> str:
            return str(sympy.Rational(q.numerator, q.denominator))

        parts = [
            f"({number(c)})*{monomial(u)}*({monomial(x)} - ({number(r)})*{monomial(y)})**2"
            for c, u, x, r, y in found.terms
        ]
        parts += [f"({number(c)})*{monomial(m)}" for c, m in found.rest]
        return added(parts)


def added(texts: Sequence[str]) -> str:
    """The sum of texts, in groups where there are many: Python's parser nests a + b + c + ...

    >>> added(["x", "-y", "2"])
    'x - y + 2'
    """
    while len(texts) > GROUP:
        groups = [texts[k : k + GROUP] for k in range(0, len(texts), GROUP)]
        texts = [f"({added(group)})" for group in groups]
    return " + ".join(texts).replace("+ -", "- ")


def _closed(text: str) -> str:
    """The text in parentheses, unless it is a single name or number."""
    return text if text.replace("_", "").isalnum() else f"({text})"
