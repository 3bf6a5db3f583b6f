"""Steady states as exact closed forms.

The generator is a real matrix in Hermitian coordinates. It falls into connected blocks; blocks
without populations must be nonsingular (their coherences vanish), and one block with populations
must have a one-dimensional kernel. Anything else is not a unique steady state and raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.naming import NamedRate, name_rates
from symtherm.dynamics.phases import Frame, real_frame
from symtherm.dynamics.structure import Definition, definitions, root_definitions
from symtherm.errors import NotUnique, require
from symtherm.exact import writer
from symtherm.exact.alphabet import Alphabet, alphabet, lift
from symtherm.exact.bareiss import null_space
from symtherm.exact.complex import conjugate, multiply, pair
from symtherm.exact.fraction import Fraction, Poly, evaluate
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, connected_blocks, rank
from symtherm.exact.rewrite import extend, shortest, size
from symtherm.exact.show import aligned
from symtherm.quantum.operator import Operator
from symtherm.quantum.superoperator import (
    Coordinate,
    PairMatrix,
    coordinates,
    real_generator,
)

__all__ = ["SteadyState", "steady_state"]

SHOWN_TERMS = 4000  # a notebook shows the closed forms of smaller states


@dataclass(frozen=True)
class SteadyState:
    """The unique pi with L(pi) = 0 and Tr pi = 1, in closed form.

    ``rho`` is the density operator with SymPy entries; ``structure`` is the readable form: an
    ordered list of definitions ending in the state. ``values`` maps Hermitian coordinates to
    fractions over ``alphabet``, and ``matrix`` is the generator in them; both hold for ``named``,
    the generator with letters for composite rates (``rates``), and in the frame in which removable
    phases are gone (``frame``; the basis itself when there are none).
    """

    generator: Generator
    alphabet: Alphabet
    matrix: SparseMatrix
    values: dict[Coordinate, Fraction]
    blocks: tuple[tuple[int, ...], ...]
    rank: int
    frame: Frame
    named: Generator
    rates: tuple[NamedRate, ...] = ()

    def __repr__(self) -> str:
        space = self.generator.space
        labels = ", ".join(d.label for d in self.generator.dissipators)
        return (
            f"SteadyState on {space.name}, dimension {space.dim}, of the dissipators {labels}\n"
            f"  {len(self.values)} closed forms: .structure, .rho, .population(label)"
        )

    def _repr_latex_(self) -> str | None:
        if sum(len(v.num) + len(v.den) for v in self.values.values()) > SHOWN_TERMS:
            return None
        return aligned((sympy.latex(d.symbol), d.expr) for d in self.structure)

    def pairs(self, space: Alphabet) -> PairMatrix:
        """The entries as exact (Re, Im) pairs in another alphabet."""
        zero = Fraction.of(space.base, 0)
        result: PairMatrix = {}
        for (i, j, part), value in self.values.items():
            lifted = lift(value, self.alphabet, space)
            if i == j:
                result[i, i] = (lifted, zero)
                continue
            re, im = result.get((i, j), (zero, zero))
            result[i, j] = (lifted, im) if part == "re" else (re, lifted)
        for i, j in list(result):
            if i < j:
                if self.frame.phases[i] != self.frame.phases[j]:
                    turn = pair(space, self.frame.turn(i, j))
                    result[i, j] = multiply(result[i, j], turn)
                result[j, i] = conjugate(result[i, j])
        return result

    @cached_property
    def rho(self) -> Operator:
        """The density operator, every entry a factored SymPy expression in the parameters."""
        found: dict[tuple[int, int], Expr] = {}
        for (i, j, part), value in self.values.items():
            expr = self.explicit(value)
            if i == j:
                found[i, i] = expr
            else:
                unit = self.frame.factor(i, j) * (1 if part == "re" else sympy.I)
                found[i, j] = found.get((i, j), sympy.Integer(0)) + unit * expr
                found[j, i] = found.get((j, i), sympy.Integer(0)) + sympy.conjugate(unit) * expr
        return Operator.of(self.generator.space, found)

    def population(self, label: str) -> Expr:
        """<label|pi|label>."""
        i = self.generator.space.index(label)
        return self.rho[i, i]

    @cached_property
    def names(self) -> tuple[Definition, ...]:
        """The definitions that the structured form uses: occupations, then effective rates."""
        found = definitions(self.frame.generator, self.alphabet, self.matrix, self.blocks)
        return (*root_definitions(self.alphabet, self.rates), *found)

    @cached_property
    def structure(self) -> tuple[Definition, ...]:
        """Definitions (symbol, expression, meaning), each using earlier ones, then the state."""
        result = list(self.names)
        levels = self.generator.space.levels
        for (i, j, part), value in self.values.items():
            if i == j:
                symbol = Symbol(f"p_{levels[i]}", real=True)
                meaning = f"population of {levels[i]}"
            else:
                symbol = Symbol(f"{part.capitalize()} rho_{levels[i]}{levels[j]}", real=True)
                kind = "real" if part == "re" else "imaginary"
                meaning = f"{kind} part of the coherence <{levels[i]}|pi|{levels[j]}>"
                turn = self.frame.turn(j, i)
                if turn != 1:
                    meaning += f" times {turn}"
            result.append(Definition(symbol, self.readable(value), meaning))
        return tuple(result)

    def readable(self, value: Fraction, space: Alphabet | None = None) -> Expr:
        """A fraction in the vocabulary of :attr:`names`: factored, the shortest form found."""
        return readable(value, space or self.alphabet, self.names)

    def explicit(self, value: Fraction, space: Alphabet | None = None) -> Expr:
        """A fraction in the parameters alone, regular wherever the fraction is."""
        short = readable(value, space or self.alphabet, self.names, regular=True)
        return self.expand(short.xreplace({d.symbol: d.explicit for d in self.names}))

    def expand(self, expr: Expr) -> Expr:
        """The same with the letters of composite rates replaced by what they mean."""
        return expr.xreplace({s: e for s, e, _ in self.rates}) if self.rates else expr


def readable(
    value: Fraction, space: Alphabet, names: Sequence[Definition], *, regular: bool = False
) -> Expr:
    """Write a fraction with occupations as symbols and with effective rates where they help."""
    known = [d for d in names if d.kind == "rate"]
    if known:
        larger = extend(space, [d.symbol for d in known])
        start = lift(value, space, larger)
        rules = [(d.symbol, d.explicit) for d in known]
        best = shortest(start, larger, rules, regular=regular)
        if size(best) < size(start):
            value, space = best, larger
    table = {d.atom: d.symbol for d in names if d.kind in ("occupation", "root")}
    shown = [table.get(a.expr, a.expr) for a in space.atoms]
    return writer.readable(space, value, shown, () if regular else _aliases(space, names))


def _aliases(space: Alphabet, names: Sequence[Definition]) -> list[tuple[Poly, Expr]]:
    """Polynomials that have a name, up to a number: decay rates, detunings, resonance denominators.

    With Gamma = p/2 the factor p is 2 Gamma; the denominator of W is written Gamma^2 + Delta^2.
    """
    table = {d.symbol: d.explicit for d in names if d.kind in ("decay", "detuning")}
    pairs = list(table.items())
    table |= {d.symbol: d.atom for d in names if d.kind == "occupation"}
    for d in names:
        if d.kind == "rate":
            below = [f.base for f in sympy.Mul.make_args(d.expr) if f.is_Pow and f.exp == -1]
            pairs += [(base, base.xreplace(table)) for base in below if base.is_Add]
    found = []
    for name, explicit in pairs:
        meaning = space.fraction(explicit)
        content, factors = meaning.num.factor()
        if len(factors) == 1 and factors[0][1] == 1 and meaning.den.is_constant():
            ratio = sympy.Rational(int(meaning.den.leading_coefficient()), int(content))
            found.append(
                (
                    factors[0][0],
                    ratio * name if ratio == 1 else sympy.Mul(ratio, name, evaluate=False),
                )
            )
    return found


def _describe(generator: Generator, vector: dict[int, Fraction], names: list[Coordinate]) -> str:
    """A conserved observable, from a left null vector, as text."""
    levels = generator.space.levels
    terms = []
    for k in sorted(vector):
        i, j, part = names[k]
        unit = (
            f"|{levels[i]}><{levels[i]}|"
            if i == j
            else f"{part.capitalize()} |{levels[i]}><{levels[j]}|"
        )
        value = vector[k]
        terms.append(unit if value == 1 else f"(...) {unit}")
    return " + ".join(terms)


def steady_state(generator: Generator) -> SteadyState:
    """The unique steady state of a generator, for generic parameters.

    Uniqueness is proved by exact rank: d^2 - 1 in all. Raises NotUnique, naming the conserved
    observables, when the kernel is larger; never returns an arbitrary vector of it.

    >>> from symtherm import ThermalBath, gkls, parameters, sigmam, sigmaz
    >>> omega, gamma, T = parameters("omega gamma T")
    >>> bath = ThermalBath("b", T)
    >>> L = gkls(omega / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=omega, rate=gamma)])
    >>> pi = steady_state(L)
    >>> [str(d.expr) for d in pi.structure]
    ['1/(exp(omega/T) - 1)', 'n_b/(2*n_b + 1)', '(n_b + 1)/(2*n_b + 1)']
    """
    require(
        generator,
        Generator,
        "The steady state of a Generator",
        {"Model": "write model.steady_state", "": "build the generator with gkls(H, [...])"},
    )
    named, rates = name_rates(generator)
    try:
        return _solved(generator, named, rates)
    except _Degenerate:
        return _solved(generator, generator, ())


class _Degenerate(Exception):
    """The trace of the null vector vanishes for what the names mean."""


def _solved(generator: Generator, named: Generator, rates: tuple[NamedRate, ...]) -> SteadyState:
    frame = real_frame(named)
    plain = frame.generator
    space = alphabet(plain.expressions, positive=plain.positive)
    matrix = real_generator(space, plain.hamiltonian, [(j.operator, j.rate) for j in plain.jumps])
    dim = generator.space.dim
    names = coordinates(dim)
    blocks = connected_blocks(matrix)
    solutions: list[tuple[list[int], dict[int, Fraction]]] = []
    for block in blocks:
        populations = [k for k, index in enumerate(block) if index < dim]
        part = matrix.block(block)
        if populations:
            found = kernel(part, populations)
        else:
            found = [] if rank(part) == part.size else null_space(part)
        solutions += [(block, v) for v in found]
    if len(solutions) != 1:
        if rates:
            raise _Degenerate
        raise _not_unique(generator, matrix, blocks, names, len(solutions))
    block, vector = solutions[0]
    trace = Fraction.of(space.base, 0)
    for k, value in vector.items():
        if block[k] < dim:
            trace = trace + value
    if rates and _vanishes(trace, space, rates, generator):
        raise _Degenerate
    values = {names[block[k]]: vector[k] / trace for k in sorted(vector)}
    return SteadyState(
        generator,
        space,
        matrix,
        values,
        tuple(map(tuple, blocks)),
        matrix.size - len(solutions),
        frame,
        named,
        rates,
    )


def _vanishes(
    value: Fraction, space: Alphabet, rates: Sequence[NamedRate], generator: Generator
) -> bool:
    """Whether a fraction is zero once the letters of rates mean what they stand for."""
    meaning = {s: e for s, e, _ in rates}
    known = [meaning.get(a.expr, a.expr) for a in space.atoms]
    target = alphabet(known, positive=generator.positive)
    return not evaluate(value.num, [target.fraction(e) for e in known], target.base)


def _not_unique(
    generator: Generator,
    matrix: SparseMatrix,
    blocks: list[list[int]],
    names: list[Coordinate],
    count: int,
) -> NotUnique:
    transposed = SparseMatrix(
        matrix.base, matrix.size, {(c, r): v for (r, c), v in matrix.entries.items()}
    )
    conserved = []
    for block in blocks:
        for vector in null_space(transposed.block(block)):
            conserved.append(_describe(generator, {block[k]: v for k, v in vector.items()}, names))
    return NotUnique(
        f"The steady state of a generator on {generator.space.name}",
        found=f"{count} independent stationary matrices; conserved: " + "; ".join(conserved),
        advice="couple the separate parts, or restrict the space to one of them",
    )
