"""The balance of entropy under a Redfield equation: what coherences between levels change.

Heat is Q_a' = Tr[H_S L_a(rho)] with the Lamb commutator of L_a, and
sigma = dS/dt - sum_a beta_a Q_a'. Let Delta be the pinching onto the eigenspaces of H_S and
chi = rho - Delta(rho). With
S(rho) = S(Delta rho) - S(rho||Delta rho), and Tr[X ln Delta(rho)] = Tr[Delta(X) ln Delta(rho)],

    populations = -Tr[L(Delta rho) ln Delta(rho)] - sum_a beta_a Tr[H_S L_a(Delta rho)],
    coherences  = -d/dt S(rho||Delta rho) = -Tr[L(rho) ln rho] + Tr[Delta(L(rho)) ln Delta(rho)],
    cross       = -sum_a Tr[L_a(chi) (ln Delta(rho) + beta_a H_S)],

and sigma = populations + coherences + cross: subtract, and use that -i[H_S, chi] has no part inside
the eigenspaces. Where L commutes with Delta, L_a(chi) has none either and cross = 0; both other
parts are then >= 0 for a GKLS generator (``decomposition``). For Redfield's equation neither holds,
and sigma itself may be negative, because e^{tL} is not completely positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy
from sympy import Expr

from symtherm.dynamics.redfield import Redfield
from symtherm.errors import require
from symtherm.exact.decide import all_zero
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import expect, gibbs_state, require_operator
from symtherm.thermo.claim import Claim
from symtherm.thermo.decomposition import Hypothesis, covariant, pinching
from symtherm.thermo.entropy import logm, without_units

__all__ = ["NonsecularBalance", "nonsecular_balance"]


@dataclass(frozen=True)
class NonsecularBalance:
    """Heat and entropy production of one state under a Redfield equation; see the module."""

    generator: Redfield
    rho: Operator

    @cached_property
    def diagonal(self) -> Operator:
        """Delta(rho), the state without coherences between different energies."""
        return pinching(self.rho, self.generator.hamiltonian)

    @cached_property
    def coherent(self) -> Operator:
        """chi = rho - Delta(rho)."""
        rest: Operator = self.rho - self.diagonal
        return rest

    @cached_property
    def heat(self) -> Mapping[str, Expr]:
        """Q_a' = Tr[H_S L_a(rho)] into the system, by bath."""
        return {x: without_units(self.generator.heat(x, self.rho)) for x in self.generator.labels}

    @cached_property
    def coherent_heat(self) -> Mapping[str, Expr]:
        """Tr[H_S L_a(chi)], what the coherences add to the heat; 0 in the secular approximation."""
        L = self.generator
        return {x: without_units(L.heat(x, self.coherent)) for x in L.labels}

    @cached_property
    def lamb_heat(self) -> Mapping[str, Expr]:
        """-i Tr(H_S [H_LS,a, rho]), the part of the heat that the Lamb commutator carries."""
        H, found = (
            self.generator.hamiltonian,
            dict.fromkeys(self.generator.labels, sympy.Integer(0)),
        )
        for part in self.generator.parts:
            found[part.label] += expect(H, part.lamb_commutator(self.rho))
        return {x: without_units(v) for x, v in found.items()}

    @cached_property
    def production(self) -> Expr:
        """sigma = dS/dt - sum_a beta_a Q_a', of either sign."""
        motion: Operator = self.generator(self.rho) * logm(self.rho)
        clausius = (self.heat[x] / T for x, T in self.generator.temperatures.items())
        return without_units(-motion.tr() - sympy.Add(*clausius))

    @cached_property
    def populations(self) -> Expr:
        """sigma at Delta(rho), by the same formula."""
        L, flat = self.generator, self.diagonal
        motion: Operator = L(flat) * logm(flat)
        clausius = (L.heat(x, flat) / T for x, T in L.temperatures.items())
        return without_units(-motion.tr() - sympy.Add(*clausius))

    @cached_property
    def coherences(self) -> Expr:
        """-d/dt S(rho||Delta rho), the rate at which coherence is lost."""
        motion = self.generator(self.rho)
        lost: Operator = motion * logm(self.rho)
        kept: Operator = pinching(motion, self.generator.hamiltonian) * logm(self.diagonal)
        return without_units(kept.tr() - lost.tr())

    @cached_property
    def cross_terms(self) -> Mapping[str, Expr]:
        """-Tr[L_a(chi) (ln Delta(rho) + beta_a H_S)] by bath; linear in the coherences."""
        L, logarithm = self.generator, logm(self.diagonal)
        found = {}
        for label, T in L.temperatures.items():
            force = logarithm + L.hamiltonian / T
            product: Operator = L.dissipate(label, self.coherent) * force
            found[label] = without_units(-product.tr())
        return found

    @property
    def cross(self) -> Expr:
        """The sum of ``cross_terms``: sigma - populations - coherences."""
        return sympy.Add(*self.cross_terms.values())

    @property
    def identity(self) -> Claim:
        """sigma == populations + coherences + cross, each side computed on its own."""
        parts = self.populations + self.coherences + self.cross
        return Claim(self.production, "==", parts, "The split with its cross term")

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Whether L commutes with Delta, and whether each L_a keeps the Gibbs state of H_S."""
        L = self.generator
        found = [covariant(L, L.hamiltonian)]
        for label, T in L.temperatures.items():
            rest = L.dissipate(label, gibbs_state(L.hamiltonian, T))
            holds = all_zero(rest.entries.values())
            found.append(Hypothesis(f"L_{label}(Gibbs) = 0", holds))
        return tuple(found)


def nonsecular_balance(generator: Redfield, rho: Operator) -> NonsecularBalance:
    """Heat and entropy production of a state in the eigenbasis of H_S, split with the cross term.

    Closed forms for connected blocks up to 2 x 2; raises WrongArgument for another generator,
    OutsideClosedForm and OutOfDomain as :func:`symtherm.relative_entropy`.

    >>> from symtherm import Coupling, HilbertSpace, Operator, Spectrum, ThermalBath, flat
    >>> from symtherm import is_zero, parameters, redfield
    >>> w, T, g, p = parameters("omega T gamma p")
    >>> q = HilbertSpace("q", levels="ge")
    >>> x = q.kets[0] * q.kets[1].dag() + q.kets[1] * q.kets[0].dag()
    >>> L = redfield(Spectrum(q, (0, w)), [Coupling(ThermalBath("b", T), x, flat(g))])
    >>> rho = Operator.of(q, {(0, 0): 1 - p, (1, 1): p, (0, 1): p / 4, (1, 0): p / 4})
    >>> balance = nonsecular_balance(L, rho)
    >>> is_zero(balance.identity.difference), is_zero(balance.cross)
    (True, True)
    """
    require(
        generator, Redfield, "The balance of a Redfield equation", "build it with redfield(...)"
    )
    require_operator(rho, "The state")
    return NonsecularBalance(generator, rho)
