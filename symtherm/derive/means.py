"""Polynomials that are nonnegative by arithmetic and geometric means (``circuits``), as proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction as Number
from math import prod
from typing import Any

import sympy
from sympy import Expr

from symtherm.derive.certificate import BaseVariables, NoCertificate
from symtherm.derive.circuits import Circuits, Monomial, circuits
from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.equality import any_of, tight, vanishing
from symtherm.derive.formula import formula
from symtherm.derive.replay import replay
from symtherm.exact.fraction import Fraction, Poly
from symtherm.thermo.claim import Claim

__all__ = ["means_proof"]

# With more circuits they are not printed one by one.
SHOWN = 8


def means_proof(claim: Claim, base: BaseVariables, value: Fraction) -> Derivation | None:
    """PROVED by means, where one factor of the difference does not show its sign otherwise."""
    try:
        found = _hidden(base, value)
        if found is None:
            return None
        poly, factor, parts = found
        certificate = {
            "rule": "means",
            "claim": base.text(claim.difference),
            "relation": claim.relation,
            "terms": Writer(base, parts).terms(factor),
            **base.declarations(),
        }
    except NoCertificate:
        return None
    if not replay(certificate).valid:
        return None
    step = Step(
        prose=(
            "The expression is a nonnegative factor times a sum of nonnegative terms and of "
            "weighted arithmetic means minus geometric means of such terms:",
        ),
        equations=tuple(_equations(base, parts)) if len(parts.found) <= SHOWN else (),
        verdict=Verdict.PROVED,
        name="means",
    )
    return Derivation(
        claim.name or "A claim",
        (("Proof", (step,)),),
        Verdict.PROVED,
        certificate,
        condition=_condition(base, value, poly, parts),
    )


def _hidden(base: BaseVariables, value: Fraction) -> tuple[Poly, str, Circuits] | None:
    """The one factor p of unknown sign, the visible value/p, and p as circuits."""
    image, shown = base.image(value), base.shown
    factors = [p for p, k in shown.reduce(image.num).factor()[1] if k % 2 and shown.sign(p) is None]
    if len(factors) != 1:
        return None
    for poly in (factors[0], -factors[0]):
        rest = shown.quotient(image / Fraction.of(base.plain, poly))
        if rest is not None:
            terms = {tuple(map(int, m)): int(c) for m, c in poly.to_dict().items()}
            found = circuits(terms, [s == "real" for s in shown.signs])
            return None if found is None else (poly, rest, found)
    return None


@dataclass
class Writer:
    """The texts of circuits, and the letters of the logarithms in them."""

    base: BaseVariables
    parts: Circuits
    letters: dict[str, str] = field(default_factory=dict)  # by the text they are logarithms of
    sizes: dict[int, str] = field(default_factory=dict)  # |x| for real x

    def terms(self, factor: str) -> list[dict[str, Any]]:
        """Circuit by circuit: Klein's inequality m ln(m/X_i) - m + X_i for every vertex."""
        records: list[dict[str, Any]] = [
            {"factor": f"({factor})*({c})*{self.monomial(m)}"} for c, m in self.parts.rest
        ]
        for circuit in self.parts.found:
            weights = [w for _, w in circuit.vertices]
            if circuit.square:
                x, y = (self.scaled([k // 2 for k in m]) for m, _ in circuit.vertices)
                sign = "-" if circuit.sign > 0 else "+"
                square = f"({x} {sign} {y})**2"
                records.append({"factor": f"({factor})*({weights[0]})*{square}"})
                continue
            inner = circuit.inner
            absolute = circuit.sign < 0 or self._odd(inner)
            mean = self.logarithm(inner, absolute)
            for m, w in circuit.vertices:
                pair = [mean, self.logarithm(m, False)]
                record = {"factor": f"({factor})*({w})", "pair": pair, "function": "klein"}
                records.append(record)
            if absolute:  # |m| - s m = (|m| - s m)^2/(2 |m|)
                square = f"({mean} {'-' if circuit.sign > 0 else '+'} {self.scaled(inner)})**2"
                records.append({"factor": f"({factor})*({sum(weights)})*{square}/(2*{mean})"})
        return records

    def _odd(self, m: Monomial) -> bool:
        return any(k % 2 for k, s in zip(m, self.base.shown.signs, strict=True) if s == "real")

    def monomial(self, m: Sequence[int], names: Sequence[str] = ()) -> str:
        known = zip(names or self.base.names, m, strict=True)
        return "*".join(f"{n}**{k}" for n, k in known if k) or "1"

    def scaled(self, m: Sequence[int], names: Sequence[str] = ()) -> str:
        """The text of (x/u)^m."""
        scale = prod((u**-k for u, k in zip(self.parts.point, m, strict=True)), start=Number(1))
        return f"{scale.numerator}*{self.monomial(m, names)}/{scale.denominator}"

    def logarithm(self, m: Monomial, absolute: bool) -> str:
        """The text of (x/u)^m, or of |x/u|^m, whose logarithm is made known to the checker."""
        names, powers, signs = list(self.base.names), dict[str, int](), self.base.shown.signs
        for i, k in enumerate(m):
            real = signs[i] == "real"
            if k and absolute and real and k % 2:
                if i not in self.sizes:
                    self.sizes[i] = self.base.name("root", f"abs_{names[i]}", f"{names[i]}**2")
                names[i] = self.sizes[i]
            if k:  # 2 ln|x| = ln(x^2), and ln(u)
                powers[self.letter(f"{self.base.names[i]}**2" if real else names[i])] = k * (
                    2 - real
                )
                u = self.parts.point[i]
                for number, sign in ((u.numerator, -1), (u.denominator, 1)):
                    if number > 1:
                        letter = self.letter(str(number))
                        powers[letter] = powers.get(letter, 0) + 2 * sign * k
        text = self.scaled(m, names)
        record: dict[str, Any] = {"powers": {n: k // 2 for n, k in powers.items() if k}}
        if any(k % 2 for k in powers.values()):
            record = {"powers": {n: k for n, k in powers.items() if k}, "times": 2, "visible": text}
        self.base.tables.setdefault("log", {})[text] = record
        return text

    def letter(self, text: str) -> str:
        if text not in self.letters:
            self.letters[text] = self.base.name("log", f"ln_{len(self.letters)}", text)
        return self.letters[text]


def _equations(base: BaseVariables, parts: Circuits) -> list[Equation]:
    """Every circuit as an inequality, where its variables are parameters."""
    rows = []
    for circuit in parts.found:
        mean, *sides = (
            _expr(base, parts, m) for m in (circuit.inner, *(m for m, _ in circuit.vertices))
        )
        if mean is None or None in sides:
            return []
        weights = [sympy.Rational(w.numerator, w.denominator) for _, w in circuit.vertices]
        total = sympy.Add(*map(sympy.Mul, weights, sides))
        low = circuit.sign * sympy.Add(*weights) * mean
        left, right = formula(total), formula(low)
        rows.append(Equation(left, right, relation=">="))
    return rows


def _expr(base: BaseVariables, parts: Circuits, m: Monomial) -> Expr | None:
    factors = []
    for atom, name, u, k in zip(base.space.atoms, base.names, parts.point, m, strict=True):
        if k and (atom.kind != "symbol" or base.spelling[atom.expr] != name):
            return None
        factors.append((atom.expr * u.denominator / u.numerator) ** k if k else sympy.Integer(1))
    return sympy.Mul(*factors)


def _condition(base: BaseVariables, value: Fraction, poly: Poly, parts: Circuits) -> Formula | None:
    """When the factor vanishes or all circuits are tight; None in slack variables."""
    used = (m for c in parts.found for m, _ in c.vertices)
    if any(_expr(base, parts, m) is None for m in used):
        return None
    factor = vanishing(base.space, value / Fraction.of(base.space.base, poly))
    return any_of((tight(base.space, parts), factor))
