"""Populations as a network: coherences eliminated, so that populations come without subtraction.

With populations p and coherences c of one block, p' = A p + B c and 0 = C p + D c give
p' = (A - B D^-1 C) p. Where all off-diagonal entries are visibly positive this is a rate matrix,
and the elimination of Grassmann, Taksar and Heyman (Oper. Res. 33, 1107 (1985)) computes every
population to full relative accuracy, however stiff the rates.

Currents through a bridge. Let the coherences give a single rate W, between the levels a and b, and
let the network without it be in detailed balance, with populations in the ratio e^A at a and b. If
a and b are eliminated last, the reduced rates r_ab (to a) and r_ba without W have the ratio e^A
too (elimination keeps detailed balance), and with p_a/p_b = (r_ab + W)/(r_ba + W)

    J = W (p_a - p_b) = W (p_a + p_b) (r_ab - r_ba)/(r_ab + r_ba + 2 W),

where r_ab - r_ba is a force P - Q with P/Q = e^A: nothing is lost near A = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy
from sympy import Expr

from symtherm.dynamics.steady import SteadyState
from symtherm.dynamics.structure import effective_rates
from symtherm.errors import NotUnique, TooLong
from symtherm.exact.alphabet import Alphabet, lift
from symtherm.exact.fraction import Fraction, TooLarge
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.program import Program, null_program

__all__ = ["Network", "population_network"]

LEVELS = 64
COHERENCES = 6
# Effective rates of more terms are slower and less accurate than the elimination they replace.
RATE_TERMS = 1000

ZERO = sympy.Integer(0)

Entries = dict[tuple[int, int], Fraction]


@dataclass(frozen=True, slots=True)
class Network:
    """The ``program`` of the populations; its outputs are numbered as the levels.

    ``leaves`` are what it reads, in readable form. With a bridge between the levels ``ends``, the
    reduced rates and W are the outputs -1, -2, -3, ``affinity`` is A, and ``current`` is J in
    normal form over the alphabet of the state; without one ``ends`` is None.
    """

    program: Program
    leaves: Mapping[int, Expr]
    ends: tuple[int, int] | None = None
    affinity: Expr = ZERO
    current: Fraction | None = None

    def multiple(self, value: Fraction, space: Alphabet, state: SteadyState) -> Expr | None:
        """value/J in readable form, if it is a product of powers."""
        if self.current is None or not self.current:
            return None
        ratio = value / lift(self.current, state.alphabet, space)
        if not ratio or len(ratio.num) > 12 or len(ratio.den) > 3:
            return None
        return state.readable(ratio, space)


def population_network(state: SteadyState) -> Network | None:
    """The network of the populations of a steady state.

    None where coherences give rates of either sign or of too many terms, or where there are too
    many of them to be eliminated.

    >>> from symtherm import model
    >>> net = population_network(model("three-level-maser").steady_state)
    >>> {step[0] for step in net.program.steps} - {"in"} == {"/", "*", "+"}, net.affinity
    (True, omega_h/T_h - omega_c/T_c)
    """
    dim = state.generator.space.dim
    (block,) = [b for b in state.blocks if b[0] < dim]
    populations = [k for k in block if k < dim]
    coherences = [k for k in block if k >= dim]
    if len(populations) < 2 or len(populations) > LEVELS or len(coherences) > COHERENCES:
        return None
    space, matrix = state.alphabet, state.matrix
    try:
        indirect = effective_rates(matrix, space, space, populations, coherences, {}, RATE_TERMS)
    except (TooLarge, TooLong):
        return None
    if coherences and not indirect:
        return None
    # A direct rate is a sum of jump rates, nonnegative where the generator is GKLS.
    if not all(map(_visibly_positive, indirect.values())):
        return None
    direct = {
        (i, j): matrix.entries[i, j]
        for i in populations
        for j in populations
        if i != j and (i, j) in matrix.entries
    }
    number = {k: n for n, k in enumerate(populations)}
    ends = _bridge(direct, indirect)
    affinity = None if ends is None else _affinity(state, direct, *ends)
    try:
        if ends is None or affinity is None:
            whole = dict(direct)
            for place, rate in indirect.items():
                whole[place] = whole[place] + rate if place in whole else rate
            found = null_program(_rates(space, number, whole), range(len(number)), scaled=True)
            ends = None
        else:
            a, b = ends
            found = null_program(
                _rates(space, number, direct),
                range(len(number)),
                scaled=True,
                bridge=(number[a], number[b], indirect[a, b]),
            )
            if None in (found.outputs[-1], found.outputs[-2]):
                ends = None
    except NotUnique:
        return None
    outputs = {populations[k] if k >= 0 else k: node for k, node in found.outputs.items()}
    program = Program(found.steps, found.leaves, outputs).pruned()
    used = {a for operation, a, _ in program.steps if operation == "in"}
    leaves = {a: state.readable(program.leaves[a]) for a in sorted(used)}
    if ends is None or affinity is None:
        return Network(program, leaves)
    a, b = ends
    if state.expansion is None:
        return Network(program, leaves, ends, affinity)
    current = indirect[a, b] * (state.values[a, a, ""] - state.values[b, b, ""])
    return Network(program, leaves, ends, affinity, current)


def _rates(space: Alphabet, number: Mapping[int, int], rates: Entries) -> SparseMatrix:
    """The rate matrix: off-diagonal entries, and diagonals that make the columns sum to zero."""
    entries = {(number[i], number[j]): rate for (i, j), rate in rates.items()}
    for j in range(len(number)):
        total = Fraction.of(space.base, 0)
        for (_, column), rate in list(entries.items()):
            total = total - rate if column == j else total
        entries[j, j] = total
    return SparseMatrix(space.base, len(number), entries)


def _bridge(direct: Entries, indirect: Entries) -> tuple[int, int] | None:
    """(a, b) if the coherences give one rate, the same both ways, between unlinked levels."""
    if len(indirect) != 2:
        return None
    (a, b), (c, d) = sorted(indirect)
    if (a, b) != (d, c) or indirect[a, b] != indirect[b, a] or (a, b) in direct:
        return None
    return a, b


def _affinity(state: SteadyState, direct: Entries, a: int, b: int) -> Expr | None:
    """ln(tau_a/tau_b) of the network without the bridge, if that is in detailed balance."""
    space = state.alphabet
    exponents = []
    for pair in state.named.pairs:
        value = space.fraction(sympy.exp(pair.exponent))
        exponents += [(value, pair.exponent), (1 / value, -pair.exponent)]
    steps: dict[int, dict[int, Expr]] = {}
    for (i, j), rate in direct.items():
        if (j, i) not in direct:
            return None
        ratio = rate / direct[j, i]
        known = next((u for value, u in exponents if value == ratio), None)
        if known is None:
            return None
        steps.setdefault(j, {})[i] = known
    height: dict[int, Expr] = {b: sympy.Integer(0)}
    pending = [b]
    while pending:
        j = pending.pop()
        for i, u in steps.get(j, {}).items():
            level = height[j] + u
            if i not in height:
                height[i] = level
                pending.append(i)
            elif sympy.expand(height[i] - level) != 0:
                return None
    return height.get(a)


def _visibly_positive(value: Fraction) -> bool:
    return all(int(c) > 0 for poly in (value.num, value.den) for c in poly.coeffs())
