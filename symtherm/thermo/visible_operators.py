"""Visible forms of the parts of the entropy production for states with coherence.

Let p_i, |i> be the eigenvalues and eigenvectors of rho, k run over the jumps with rates r_k, and
P_ij = |<i|L_k|j>|^2 = Tr[P_i L_k P_j L_k^+] with the eigenprojectors P_i. Then

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
from symtherm.errors import OutsideClosedForm
from symtherm.exact.decide import all_zero, is_zero
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator
from symtherm.thermo.entropy import spectral_parts
from symtherm.thermo.visible import Term, Visible

__all__ = ["operator_parts", "turn"]

ONE = sympy.Integer(1)

Parts = list[tuple[Expr, Operator]]


def operator_parts(
    generator: Generator, rho: Operator, pi: Operator, *, bohr: bool
) -> dict[str, Visible]:
    """``total``, and with ``bohr`` also ``nonadiabatic`` and ``adiabatic``, visibly >= 0.

    ``bohr`` says that [L_k, ln pi] = phi_k L_k and [H, pi] = 0 were proved. Empty where rho has no
    eigenprojectors in closed form.

    >>> from symtherm import Operator, ThermalBath, gibbs_state, gkls, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> c = sympy.Symbol("c", positive=True)
    >>> rho = Operator.of(L.space, {(0, 0): ONE/2, (1, 1): ONE/2, (0, 1): c, (1, 0): c})
    >>> sorted(operator_parts(L, rho, gibbs_state(w/2*sigmaz(), T), bohr=True))
    ['adiabatic', 'nonadiabatic', 'total']
    """
    try:
        states = spectral_parts(rho)
    except OutsideClosedForm:
        return {}
    found: dict[str, Visible] = {}
    total = _total(generator, states)
    if total is not None:
        found["total"] = Visible("Entropy production", tuple(total), False, generator.positive)
    if bohr:
        terms = _nonadiabatic(generator, states, pi)
        found["nonadiabatic"] = Visible("Nonadiabatic part", tuple(terms), True, generator.positive)
        terms = _adiabatic(generator, rho, pi)
        found["adiabatic"] = Visible("Adiabatic part", tuple(terms), True, generator.positive)
    return found


def _weights(operator: Operator, states: Parts) -> dict[tuple[int, int], Expr]:
    """Tr[P_i L P_j L^+] by (i, j), those that are not zero."""
    found = {}
    for i, (_, left) in enumerate(states):
        inside = left * operator
        for j, (_, right) in enumerate(states):
            product: Operator = inside * right * operator.dag()
            weight = short(product.tr())
            if weight != 0:
                found[i, j] = weight
    return found


def _total(generator: Generator, states: Parts) -> list[Term] | None:
    p = [value for value, _ in states]
    terms: list[Term] = []
    for part in generator.dissipators:
        for pair in part.pairs:
            terms += [
                (weight, pair.down.rate * p[j], pair.up.rate * p[i])
                for (i, j), weight in _weights(pair.operator, states).items()
            ]
        for jump in part.jumps[2 * len(part.pairs) :]:
            if not all_zero((jump.operator - jump.operator.dag()).entries.values()):
                return None
            terms += [
                (jump.rate * weight, p[j], p[i])
                for (i, j), weight in _weights(jump.operator, states).items()
                if i < j
            ]
    return terms


def turn(jump: Jump, pi: Operator) -> Expr:
    """e^phi of L pi = e^phi pi L, read off one entry."""
    left: Operator = jump.operator * pi
    right: Operator = pi * jump.operator
    i, j, value = next(entry for entry in right.data if is_zero(entry[2]) is not True)
    return left[i, j] / value


def _nonadiabatic(generator: Generator, states: Parts, pi: Operator) -> list[Term]:
    return [
        (jump.rate * weight, states[j][0], states[i][0] * turn(jump, pi))
        for jump in generator.jumps
        for (i, j), weight in _weights(jump.operator, states).items()
    ]


def _adiabatic(generator: Generator, rho: Operator, pi: Operator) -> list[Term]:
    terms: list[Term] = []
    for pair in generator.pairs:
        for jump, partner in ((pair.down, pair.up), (pair.up, pair.down)):
            square: Operator = jump.operator.dag() * jump.operator * rho
            mean = short(square.tr())
            if is_zero(mean) is not True:
                terms.append((mean, jump.rate, partner.rate / turn(jump, pi)))
    return terms
