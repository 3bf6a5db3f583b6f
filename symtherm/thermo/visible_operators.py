"""Visible forms of the parts of the entropy production for states with coherence.

Let p_i, |i> be the eigenvalues and eigenvectors of rho, k run over the jumps with rates r_k, and
P_ij = |<i|L_k|j>|^2. Then

    -Tr[D(rho) ln rho] = sum_k r_k sum_ij P_ij p_j (ln p_j - ln p_i).

*total.* A thermal pair L, L^+ with down = e^x up gives to -beta J the amount x (down <L^+ L> - up
<L L^+>), so that with a = down p_j, b = up p_i its part is sum_ij P_ij (a - b)(ln a - ln b). A
Hermitian jump without temperature gives sum_{i<j} r P_ij (p_j - p_i)(ln p_j - ln p_i).

*nonadiabatic.* Let [L_k, ln pi] = phi_k L_k; then Tr[D(rho) ln pi] = -sum_k r_k phi_k <L_k^+ L_k>,
and the part is sum_k r_k sum_ij P_ij [a ln(a/b) - a + b] with a = p_j, b = p_i e^{phi_k}: what is
added is -<sum_k r_k (L_k^+ L_k - e^{phi_k} L_k L_k^+)> = 0, the expectation of pi^{-1} D(pi) = 0.

*adiabatic.* Likewise sum over the jumps of pairs of <L^+ L> [A ln(A/B) - A + B] with A its rate and
B = e^{-phi} times the rate of its partner.
"""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.baths.bath import Jump
from symtherm.dynamics.generator import Generator
from symtherm.errors import OutsideClosedForm, UndeclaredSign
from symtherm.exact.decide import all_zero, is_zero
from symtherm.quantum.eigen import Eigenstate, eigenstates, short
from symtherm.quantum.operator import Operator
from symtherm.thermo.visible import Term, Visible

__all__ = ["operator_parts"]

ONE = sympy.Integer(1)


def operator_parts(
    generator: Generator, rho: Operator, pi: Operator, *, bohr: bool
) -> dict[str, Visible]:
    """``total``, and with ``bohr`` also ``nonadiabatic`` and ``adiabatic``, visibly >= 0.

    ``bohr`` says that [L_k, ln pi] = phi_k L_k and [H, pi] = 0 were proved, for a pi that is
    diagonal in the levels. Empty where rho has no eigenvectors in closed form.

    >>> from symtherm import Operator, ThermalBath, gibbs_state, gkls, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> c = sympy.Symbol("c", positive=True)
    >>> rho = Operator.of(L.space, {(0, 0): ONE/2, (1, 1): ONE/2, (0, 1): c, (1, 0): c})
    >>> sorted(operator_parts(L, rho, gibbs_state(w/2*sigmaz(), T), bohr=True))
    ['adiabatic', 'nonadiabatic', 'total']
    """
    try:
        states = eigenstates(rho)
    except (OutsideClosedForm, UndeclaredSign):
        return {}
    found: dict[str, Visible] = {}
    total = _total(generator, states)
    if total is not None:
        found["total"] = Visible("Entropy production", tuple(total), False, generator.positive)
    if bohr and all(i == j for i, j, _ in pi.data):
        terms = _nonadiabatic(generator, states, pi)
        found["nonadiabatic"] = Visible("Nonadiabatic part", tuple(terms), True, generator.positive)
        terms = _adiabatic(generator, rho, pi)
        found["adiabatic"] = Visible("Adiabatic part", tuple(terms), True, generator.positive)
    return found


def _weight(operator: Operator, left: Eigenstate, right: Eigenstate) -> Expr:
    """|<left|L|right>|^2."""
    entries = operator.entries
    amplitude = sympy.Add(
        *(
            sympy.conjugate(v) * entries[i, j] * w
            for i, v in left.vector
            for j, w in right.vector
            if (i, j) in entries
        )
    )
    return short(sympy.expand(amplitude * sympy.conjugate(amplitude)))


def _total(generator: Generator, states: tuple[Eigenstate, ...]) -> list[Term] | None:
    terms: list[Term] = []
    for part in generator.dissipators:
        for pair in part.pairs:
            terms += [
                (weight, pair.down.rate * right.energy, pair.up.rate * left.energy)
                for left in states
                for right in states
                if (weight := _weight(pair.operator, left, right)) != 0
            ]
        for jump in part.jumps[2 * len(part.pairs) :]:
            if not all_zero((jump.operator - jump.operator.dag()).entries.values()):
                return None
            terms += [
                (jump.rate * weight, right.energy, left.energy)
                for k, left in enumerate(states)
                for right in states[k + 1 :]
                if (weight := _weight(jump.operator, left, right)) != 0
            ]
    return terms


def _turn(jump: Jump, pi: Operator) -> Expr:
    """e^phi = pi_j/pi_i at an entry (i, j) of L."""
    i, j, _ = jump.operator.data[0]
    return pi[j, j] / pi[i, i]


def _nonadiabatic(generator: Generator, states: tuple[Eigenstate, ...], pi: Operator) -> list[Term]:
    return [
        (jump.rate * weight, right.energy, left.energy * _turn(jump, pi))
        for jump in generator.jumps
        for left in states
        for right in states
        if (weight := _weight(jump.operator, left, right)) != 0
    ]


def _adiabatic(generator: Generator, rho: Operator, pi: Operator) -> list[Term]:
    terms: list[Term] = []
    for pair in generator.pairs:
        for jump, partner in ((pair.down, pair.up), (pair.up, pair.down)):
            square: Operator = jump.operator.dag() * jump.operator * rho
            mean = short(square.tr())
            if is_zero(mean) is not True:
                terms.append((mean, jump.rate, partner.rate / _turn(jump, pi)))
    return terms
