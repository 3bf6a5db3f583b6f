"""Phases that a change of basis removes.

With U = diag(e^(i theta_j)) the Hamiltonian's entry H_ij becomes H_ij e^(i(theta_j - theta_i)), and
so does every jump operator's, where a common phase chi_k of all entries does not matter. Asking
that as many entries as possible be real gives linear equations for theta and chi over the integers
in the angles that occur (the arguments of complex drives, angles in e^(i phi), quarter turns of I).
They are solved one after the other; an equation that contradicts those before it is a cycle whose
phase is physical, and its entry keeps that phase.

In the rotated frame the steady state is U^+ pi U, with the same populations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy
from sympy import Expr

from symtherm.baths.bath import Jump
from symtherm.dynamics.generator import Generator
from symtherm.exact.letters import exponent_parts, is_complex
from symtherm.quantum.operator import Operator

__all__ = ["Frame", "real_frame"]

# A phase: coefficients of angles; the key I counts quarter turns.
Phase = dict[Expr, Fraction]
QUARTER = sympy.I


@dataclass(frozen=True, slots=True)
class Frame:
    """A generator without its removable phases; rho_ij = u_i conj(u_j) rho'_ij.

    ``phases`` lists (k_i, a_i) with u_i = i^k_i e^(i a_i).
    """

    generator: Generator
    phases: tuple[tuple[Expr, Expr], ...]

    def turn(self, i: int, j: int) -> Expr:
        """u_i conj(u_j)."""
        (k, a), (m, b) = self.phases[i], self.phases[j]
        return sympy.I ** (k - m) * sympy.exp(sympy.I * (a - b))

    def factor(self, i: int, j: int) -> Expr:
        """The same with e^(i arg g) written g/|g|."""
        (k, a), (m, b) = self.phases[i], self.phases[j]
        result: Expr = sympy.I ** (k - m)
        for term in sympy.Add.make_args(a - b):
            number, rest = term.as_coeff_Mul()
            if isinstance(rest, sympy.arg) and number.is_Integer:
                g = rest.args[0] if number > 0 else sympy.conjugate(rest.args[0])
                result *= (g / sympy.Abs(rest.args[0])) ** abs(number)
            else:
                result *= sympy.exp(sympy.I * term)
        return result


def _plus(a: Mapping[Expr, Fraction], b: Mapping[Expr, Fraction], factor: int = 1) -> Phase:
    total = dict(a)
    for key, value in b.items():
        total[key] = total.get(key, Fraction(0)) + factor * value
    if QUARTER in total:
        total[QUARTER] %= 4
    return {k: v for k, v in total.items() if v}


def _angle(expr: Expr) -> Phase:
    """An angle as a combination of its terms."""
    found: Phase = {}
    for term in sympy.Add.make_args(expr.expand()):
        number, rest = term.as_coeff_Mul()
        found[rest] = found.get(rest, Fraction(0)) + Fraction(int(number.p), int(number.q))
    return found


def _polar(factor: Expr) -> tuple[Expr, Phase] | None:
    """(r, phase) with factor = r e^(i phase) and r real; None for a sum."""
    if factor is sympy.I:
        return sympy.Integer(1), {QUARTER: Fraction(1)}
    if isinstance(factor, sympy.conjugate):
        inner = _polar(factor.args[0])
        return None if inner is None else (inner[0], _plus({}, inner[1], -1))
    if isinstance(factor, sympy.exp):
        real, imaginary = exponent_parts(factor.args[0])
        return sympy.exp(real), _angle(imaginary) if imaginary != 0 else {}
    if factor.is_Symbol and is_complex(factor):
        return sympy.Abs(factor), {sympy.arg(factor): Fraction(1)}
    if factor.is_Pow and factor.exp.is_Integer:
        inner = _polar(factor.base)
        if inner is None:
            return None
        power = int(factor.exp)
        return inner[0] ** power, _plus({}, inner[1], power)
    if factor.has(sympy.I) or (is_complex(factor) and not isinstance(factor, sympy.Abs)):
        return None
    return factor, {}


def _terms(expr: Expr) -> list[tuple[Expr, Phase]] | None:
    """An entry as a sum of real moduli with phases; None for other forms."""
    if not (expr.has(sympy.I) or is_complex(expr)):
        return [(expr, {})]
    found = []
    for term in sympy.Add.make_args(expr.expand()):
        modulus: Expr = sympy.Integer(1)
        phase: Phase = {}
        for factor in sympy.Mul.make_args(term):
            polar = _polar(factor)
            if polar is None:
                return None
            modulus, phase = modulus * polar[0], _plus(phase, polar[1])
        found.append((modulus, phase))
    return found


def _parts(phase: Phase) -> tuple[Expr, Expr]:
    """Quarter turns, and the angle."""
    turns = phase.get(QUARTER, Fraction(0))
    angle = sympy.Add(
        *(sympy.Rational(v.numerator, v.denominator) * k for k, v in phase.items() if k != QUARTER)
    )
    return sympy.Rational(turns.numerator, turns.denominator), angle


def _unit(phase: Phase) -> Expr:
    turns, angle = _parts(phase)
    return sympy.I**turns * sympy.exp(sympy.I * angle)


class _Unknowns:
    """Integer linear equations, solved greedily: each may fix one unknown with coefficient +-1."""

    def __init__(self) -> None:
        self.solved: dict[str, tuple[dict[str, int], Phase]] = {}

    def reduce(self, row: Mapping[str, int], phase: Phase) -> tuple[dict[str, int], Phase]:
        total: dict[str, int] = {}
        for name, factor in row.items():
            names, known = self.solved.get(name, ({name: 1}, {}))
            phase = _plus(phase, known, factor)
            for other, k in names.items():
                total[other] = total.get(other, 0) + factor * k
        return {k: v for k, v in total.items() if v}, phase

    def ask(self, row: Mapping[str, int], phase: Phase) -> None:
        """Make sum row_k x_k + phase vanish, if one of the free unknowns can do it."""
        rest, constant = self.reduce(row, phase)
        chosen = next((name for name, k in rest.items() if abs(k) == 1), None)
        if chosen is None:
            return
        sign = rest.pop(chosen)
        solution = ({k: -sign * v for k, v in rest.items()}, _plus({}, constant, -sign))
        self.solved[chosen] = solution
        for name in self.solved:
            self.solved[name] = self._insert(self.solved[name], chosen, solution)

    @staticmethod
    def _insert(
        own: tuple[dict[str, int], Phase], name: str, value: tuple[dict[str, int], Phase]
    ) -> tuple[dict[str, int], Phase]:
        names, phase = own
        factor = names.get(name, 0)
        if not factor:
            return own
        names = {k: v for k, v in names.items() if k != name}
        for k, v in value[0].items():
            names[k] = names.get(k, 0) + factor * v
        return {k: v for k, v in names.items() if v}, _plus(phase, value[1], factor)

    def value(self, name: str) -> Phase:
        """The phase found, with what stayed free set to zero."""
        return self.solved.get(name, ({}, {}))[1]


def real_frame(generator: Generator) -> Frame:
    """The generator with as many entries real as a diagonal change of basis can make.

    >>> from symtherm import gkls, parameters, sigmam, sigmap
    >>> g, k = parameters("g", complex=True), parameters("kappa")
    >>> L = gkls(g * sigmap() + sympy.conjugate(g) * sigmam(), [(sigmam(), k)])
    >>> print(real_frame(L).generator.hamiltonian)
    Abs(g)*|e><g| + Abs(g)*|g><e|
    """
    operators = [generator.hamiltonian, *(j.operator for j in generator.jumps)]
    if not any(v.has(sympy.I) or is_complex(v) for op in operators for _, _, v in op.data):
        return Frame(generator, (_parts({}),) * generator.space.dim)
    unknowns = _Unknowns()
    for number, operator in enumerate(operators):
        for i, j, v in operator.data:
            terms = _terms(v)
            # H_ji follows from H_ij.
            if terms is None or (number == 0 and i >= j):
                continue
            row = {f"level {j}": 1, f"level {i}": -1} if i != j else {}
            if number:
                row[f"jump {number}"] = -1
            unknowns.ask(row, terms[0][1])
    angles = [unknowns.value(f"level {j}") for j in range(generator.space.dim)]

    def rotated(operator: Operator, number: int) -> Operator:
        chi = unknowns.value(f"jump {number}") if number else {}
        entries = {}
        for i, j, v in operator.data:
            turn = _plus(_plus(angles[j], angles[i], -1), chi, -1)
            terms = _terms(v)
            entries[i, j] = (
                v * _unit(turn)
                if terms is None
                else sympy.Add(*(r * _unit(_plus(phase, turn)) for r, phase in terms))
            )
        return Operator.of(operator.space, entries)

    numbers = iter(range(1, len(operators)))
    dissipators = []
    for d in generator.dissipators:
        jumps: list[Jump] = [
            replace(j, operator=rotated(j.operator, next(numbers))) for j in d.jumps
        ]
        pairs = tuple(replace(p, operator=jumps[2 * k].operator) for k, p in enumerate(d.pairs))
        dissipators.append(replace(d, jumps=tuple(jumps), pairs=pairs))
    plain = replace(
        generator,
        hamiltonian=rotated(generator.hamiltonian, 0),
        dissipators=tuple(dissipators),
    )
    return Frame(plain, tuple(_parts(a) for a in angles))
