"""Steady states as exact closed forms.

The generator is a real matrix in Hermitian coordinates. It falls into connected blocks; blocks
without populations must be nonsingular (their coherences vanish), and one block with populations
must have a one-dimensional kernel. Anything else is not a unique steady state and raises.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.conserved import not_unique
from symtherm.dynamics.generator import Generator
from symtherm.dynamics.meaning import Degenerate, in_parameters, in_variances
from symtherm.dynamics.naming import Letter, lettered
from symtherm.dynamics.phases import Frame, real_frame
from symtherm.dynamics.reading import is_long, readable
from symtherm.dynamics.relaxing import is_relaxing
from symtherm.dynamics.structure import (
    Definition,
    definitions,
    exponent_definitions,
    root_definitions,
)
from symtherm.errors import FailedCheck, TooLong, require
from symtherm.exact.alphabet import Alphabet, alphabet, lift
from symtherm.exact.balls import Enclosure, enclose_program
from symtherm.exact.bareiss import null_space
from symtherm.exact.complex import conjugate, multiply, pair
from symtherm.exact.degeneracy import rank_conditions
from symtherm.exact.fraction import Fraction, TooLarge
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, annihilates, connected_blocks, rank
from symtherm.exact.program import Program, null_program
from symtherm.exact.show import aligned
from symtherm.exact.writer import factored, product
from symtherm.quantum.operator import Operator
from symtherm.quantum.superoperator import (
    Coordinate,
    PairMatrix,
    coordinates,
    pair_matrix,
    product_trace,
    real_generator,
)

__all__ = ["MAX_TERMS", "SteadyState", "steady_state", "with_couplings"]

MAX_TERMS = 1_000_000

SHOWN_TERMS = 4000  # a notebook shows the closed forms of smaller states


@dataclass(frozen=True)
class SteadyState:
    """The unique pi with L(pi) = 0 and Tr pi = 1, in closed form.

    ``rho`` is the density operator with SymPy entries; ``structure`` is the readable form: an
    ordered list of definitions ending in the state. ``values`` maps Hermitian coordinates to
    fractions over ``alphabet``, and ``matrix`` is the generator in them; both hold for ``named``,
    the generator in the letters of a vocabulary (``letters``), and in the frame in which removable
    phases are gone (``frame``; the basis itself when there are none). Where square roots make
    the quotients by the trace too long, ``vector`` keeps the null vector and its trace instead.
    """

    generator: Generator
    alphabet: Alphabet
    matrix: SparseMatrix
    expansion: Mapping[Coordinate, Fraction] | None
    blocks: tuple[tuple[int, ...], ...]
    rank: int
    frame: Frame
    named: Generator
    letters: tuple[Letter, ...] = ()
    vocabulary: str = "occupations"
    vector: tuple[Mapping[Coordinate, Fraction], Fraction] | None = None

    def __repr__(self) -> str:
        space = self.generator.space
        labels = ", ".join(d.label for d in self.generator.dissipators)
        what = (
            f"a program of {len(self.program)} steps: .enclose(at)"
            if self.expansion is None
            else f"{len(self.values)} closed forms: .structure, .rho, .population(label)"
        )
        return (
            f"SteadyState on {space.name}, dimension {space.dim}, of the dissipators {labels}\n"
            f"  {what}"
        )

    def _repr_latex_(self) -> str | None:
        if self.expansion is None:
            return None
        if sum(len(v.num) + len(v.den) for v in self.values.values()) > SHOWN_TERMS:
            return None
        return aligned((sympy.latex(d.symbol), d.expr) for d in self.structure)

    @property
    def values(self) -> Mapping[Coordinate, Fraction]:
        """The closed forms; raises TooLong where they exceeded the term budget."""
        if self.expansion is None:
            raise TooLong(
                f"The expanded steady state on {self.generator.space.name}",
                found="more terms than steady_state's max_terms",
                advice="use program or enclose, which do not expand, or raise max_terms",
            )
        return self.expansion

    @cached_property
    def program(self) -> Program:
        """The steady state as a straight-line program; outputs are numbered as ``coordinates``.

        Subtraction-free where populations decouple from coherences (Grassmann, Taksar, Heyman).
        """
        dim = self.generator.space.dim
        (block,) = [b for b in self.blocks if b[0] < dim]
        populations = [k for k, index in enumerate(block) if index < dim]
        found = null_program(self.matrix.block(block), populations)
        outputs = {block[k]: node for k, node in found.outputs.items()}
        return Program(found.steps, found.leaves, outputs)

    @cached_property
    def conditions(self) -> tuple[Expr, ...] | None:
        """The state is unique wherever none of these vanishes (parameters as declared).

        Sufficient, not necessary: ``certify`` decides at its point. Empty when the jump operators
        (Spohn's theorem, ``dynamics.relaxing``) or the declared signs alone prove uniqueness; None
        where a block is too large, or holds roots, to say.

        >>> from symtherm import model
        >>> model("three-level-maser").steady_state.conditions
        ()
        """
        if is_relaxing(self.generator):
            return ()
        found: list[Expr] = []
        for block in self.blocks:
            populations = [k for k, i in enumerate(block) if i < self.generator.space.dim]
            part = rank_conditions(self.alphabet, self.matrix.block(block), populations)
            if part is None:
                return None
            found += [e for e in map(self.expand, part) if e not in found]
        return tuple(found)

    def enclose(self, at: Mapping[Any, Any], digits: int = 50) -> dict[Coordinate, Enclosure]:
        """Every coordinate of the state at an exact point, with a proved error, by the program.

        ``at`` maps symbols to exact rationals. Coherences are those of ``frame``. Raises
        UnknownSymbol and Undecided; uniqueness at the point follows from the nonzero pivots.

        >>> from symtherm import model
        >>> m = model("qubit")
        >>> print(m.steady_state.enclose(m.point, digits=10)[0, 0, ""])
        0.2314752165 +/- 9.9e-13
        """
        names = coordinates(self.generator.space.dim)
        leaves = [
            self.expand(self.alphabet.poly_expr(f.num) / self.alphabet.poly_expr(f.den))
            for f in self.program.leaves
        ]
        found = enclose_program(self.program, leaves, at, digits)
        return {names[k]: value for k, value in found.items()}

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
        above, below = self.vector or (self.values, None)
        for (i, j, part), value in above.items():
            expr = self._long(value) / self._long(below) if below else self.explicit(value)
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
        roots = root_definitions(self.alphabet, self.letters)
        exponents = exponent_definitions(self.generator)
        short = {d.explicit: d.symbol for d in exponents}
        known = {d.atom: d.symbol for d in roots if d.kind == "root"}
        return (
            *(d for d in roots if d.kind == "root"),
            *(replace(d, expr=d.expr.xreplace(known)) for d in exponents),
            *(
                replace(d, expr=d.expr.xreplace(short).xreplace(known))
                for d in (*(d for d in roots if d.kind != "root"), *found)
            ),
        )

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
        names = self.names
        if self.vocabulary == "temperatures":
            spelled = {d.symbol: d.expr for d in names if d.kind == "occupation"}
            names = tuple(
                replace(d, expr=d.expr.xreplace(spelled)) for d in names if d.kind != "occupation"
            )
        return readable(value, space or self.alphabet, names)

    def expect(self, operator: Operator) -> Expr:
        """Tr(operator pi) of a Hermitian operator, written with :attr:`names`."""
        space = alphabet(
            [*(a.expr for a in self.alphabet.atoms), *operator.entries.values()],
            positive=self.named.positive,
        )
        zero = Fraction.of(space.base, 0)
        trace = product_trace(pair_matrix(space, operator), self.pairs(space), zero)
        return self.readable(trace[0], space)

    def structured(self, *exprs: Expr) -> tuple[Definition, ...]:
        """The definitions that expressions need, each before its use.

        An exponent that is used once is put in where it is used.
        """
        table = {d.symbol: d for d in self.names}
        uses: dict[Symbol, int] = {}
        pending = [s for e in exprs for s in e.free_symbols]
        while pending:
            symbol = pending.pop()
            if symbol in table:
                uses[symbol] = uses.get(symbol, 0) + 1
                if uses[symbol] == 1:
                    pending += table[symbol].expr.free_symbols
        inside = {
            s: table[s].expr for s, n in uses.items() if n == 1 and table[s].kind == "exponent"
        }
        inside = {s: e for s, e in inside.items() if not any(x.has(s) for x in exprs)}
        return tuple(
            replace(d, expr=d.expr.xreplace(inside))
            for d in self.names
            if d.symbol in uses and d.symbol not in inside
        )

    def explicit(self, value: Fraction, space: Alphabet | None = None) -> Expr:
        """A fraction in the parameters alone, regular wherever the fraction is."""
        if is_long(value):
            return self._long(value, space)
        space = space or self.alphabet
        value, own = in_variances(value, space, self.letters)
        short = readable(value, own, self.names if own is space else (), regular=True)
        return self.expand(short.xreplace({d.symbol: d.explicit for d in self.names}))

    def _long(self, value: Fraction, space: Alphabet | None = None) -> Expr:
        """The product of the factors, the letters replaced before anything is written."""
        space = space or self.alphabet
        if self.letters and all(x.kind != "squeezing" for x in self.letters):
            with suppress(TooLarge):
                return product(
                    value, in_parameters(space, self.letters, self.generator.positive).expr
                )
        return self.expand(factored(space, value))

    def expand(self, expr: Expr) -> Expr:
        """The same with the letters of composite rates replaced by what they mean."""
        return expr.xreplace({x.symbol: x.explicit for x in self.letters})

    def in_terms_of(self, vocabulary: str) -> SteadyState:
        """The same state derived in another vocabulary of its baths' rates.

        ``occupations``, ``boltzmann``, ``temperatures``, ``rates`` or ``relaxation`` (see
        ``symtherm.dynamics.naming``). Raises BadExpression for any other.

        >>> from symtherm import model
        >>> pi = model("two-bath-qubit").steady_state.in_terms_of("relaxation")
        >>> [str(d.expr) for d in pi.structure if str(d.symbol) == "p_e"]
        ['(Gamma_c*s_c + Gamma_h*s_h)/(Gamma_c + Gamma_h)']
        """
        return self if vocabulary == self.vocabulary else _derived(self.generator, vocabulary)


def steady_state(generator: Generator, *, max_terms: int = MAX_TERMS) -> SteadyState:
    """The unique steady state of a generator, for generic parameters.

    Where the expanded form would hold more than ``max_terms`` terms, the state comes as a
    straight-line program instead (``program``, ``enclose``), with a warning; asking it for expanded
    forms raises TooLong.

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
    return _derived(generator, "occupations", max_terms)


def with_couplings(state: SteadyState) -> SteadyState:
    """The same state with its couplings written out, for quantities that hold their symbols.

    >>> from symtherm import gkls, parameters, sigmam, sigmax
    >>> g, k = parameters("g kappa")
    >>> pi = steady_state(gkls(sympy.sqrt(3) * g * sigmax(), [(sigmam(), k)]))
    >>> [str(x.symbol) for x in pi.letters], with_couplings(pi).letters
    (['V'], ())
    """
    if all(x.kind != "coupling" for x in state.letters):
        return state
    return _derived(state.generator, state.vocabulary, couplings=False)


def _derived(
    generator: Generator, vocabulary: str, max_terms: int = MAX_TERMS, couplings: bool = True
) -> SteadyState:
    named, letters = lettered(generator, vocabulary, couplings)
    with suppress(Degenerate):
        return _solved(generator, named, letters, vocabulary, max_terms)
    return _solved(generator, generator, (), "occupations", max_terms)


def _solved(
    generator: Generator,
    named: Generator,
    letters: tuple[Letter, ...],
    vocabulary: str,
    max_terms: int,
) -> SteadyState:
    frame = real_frame(named)
    plain = frame.generator
    space = alphabet(plain.expressions, positive=plain.positive)
    matrix = real_generator(space, plain.hamiltonian, [(j.operator, j.rate) for j in plain.jumps])
    dim = generator.space.dim
    names = coordinates(dim)
    blocks = connected_blocks(matrix)
    meaning = in_parameters(space, letters, generator.positive) if letters else None
    solutions: list[tuple[list[int], dict[int, Fraction] | None]] = []
    for block in blocks:
        populations = [k for k, index in enumerate(block) if index < dim]
        part = matrix.block(block)
        if not populations:
            known = part if meaning is None else meaning.matrix(part)
            if rank(known) < known.size:
                solutions += [(block, v) for v in null_space(known)]
            continue
        try:
            found = kernel(part, populations, max_terms)
            if not all(annihilates(part, v) for v in found):
                raise FailedCheck(
                    f"The steady state on {generator.space.name}",
                    found="a vector that is not stationary at a random point of the parameters",
                    advice="this is an error of symtherm: please report it with this model",
                )
            solutions += [(block, v) for v in found]
        except TooLong:
            null_program(part, populations)  # raises NotUnique where there is no such state
            solutions.append((block, None))
    if len(solutions) != 1:
        if letters:
            raise Degenerate
        raise not_unique(generator, matrix, blocks, len(solutions))
    block, vector = solutions[0]
    expansion, quotient, reason = None, None, f"more than {max_terms} terms"
    if vector is not None:
        trace = Fraction.of(space.base, 0)
        for k, value in vector.items():
            if block[k] < dim:
                trace = trace + value
        if meaning is not None and not meaning(trace):
            raise Degenerate
        try:
            expansion = {names[block[k]]: vector[k] / trace for k in sorted(vector)}
        except TooLarge:  # square roots in a long trace
            quotient = {names[block[k]]: vector[k] for k in sorted(vector)}, trace
            reason = "quotients of long sums with square roots"
    if expansion is None:
        warnings.warn(
            f"The steady state on {generator.space.name} would have {reason} when expanded; it is "
            "kept as a straight-line program.",
            stacklevel=4,
        )
    return SteadyState(
        generator,
        space,
        matrix,
        expansion,
        tuple(map(tuple, blocks)),
        matrix.size - len(solutions),
        frame,
        named,
        letters,
        vocabulary,
        quotient,
    )
