"""Collision models: fresh thermal ancillas, one after another, and their continuous limit.

One collision is rho' = Tr_A[U (rho x rho_A) U^+] with U = exp(-i tau (H_S + H_A + V)) and
rho_A = e^{-H_A/T}/Z. Let v = V sqrt(tau) stay fixed as tau -> 0. To first order in tau

    (rho' - rho)/tau -> -i[H_S, rho] - i Tr_A[V, rho x rho_A] - (1/2) Tr_A[v, [v, rho x rho_A]],

the cross terms of H and V being of order sqrt(tau). With Tr_A[V rho_A] = 0 the middle term, which
would diverge as 1/sqrt(tau), is absent, and in the eigenbasis of H_A, v_jk = <j|v|k>,

    L(rho) = -i[H_S, rho] + sum_jk p_k (v_jk rho v_jk^+ - (1/2){v_jk^+ v_jk, rho}).

If an E has [V, E + H_A] = 0 and [E, H_S] = 0, then [E, v_jk] = -(e_j - e_k) v_jk: the jumps (j, k)
and (k, j) are a thermal pair of frequency e_j - e_k, and the heat, the energy that the ancilla
lost, is Tr[E D(rho)]. Source: Barra, Sci. Rep. 5, 14873 (2015); Strasberg, Schaller, Brandes and
Esposito, Phys. Rev. X 7, 021003 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.baths.bath import ThermalBath
from symtherm.dynamics.amplitudes import poles, scaled
from symtherm.dynamics.generator import Generator
from symtherm.dynamics.gkls import gkls
from symtherm.errors import (
    DimensionMismatch,
    MissingTrait,
    OutsideClosedForm,
    UnorderedSpectrum,
    require,
)
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import all_zero, is_zero
from symtherm.exact.scalar import scalar
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator, commutator, ptrace, tensor
from symtherm.quantum.standard import qeye
from symtherm.quantum.state import expect, gibbs_state, require_hermitian

__all__ = ["Collision", "collision"]


@dataclass(frozen=True, slots=True)
class Collision:
    """A stream of ancillas: ``hamiltonian``, ``ancilla`` = H_A, ``coupling`` = V, time ``tau``.

    ``energy`` is the E whose hypotheses ``failures`` lists where they do not hold.
    """

    hamiltonian: Operator
    ancilla: Operator
    coupling: Operator
    tau: Symbol
    T: Expr
    energy: Operator
    label: str

    @property
    def ancilla_state(self) -> Operator:
        """rho_A = e^{-H_A/T}/Z."""
        return gibbs_state(self.ancilla, self.T)

    @property
    def failures(self) -> tuple[str, ...]:
        """The hypotheses that do not hold, in words; () when all do."""
        found = []
        one = qeye(self.hamiltonian.space)
        mean = self.coupling * tensor(one, self.ancilla_state)
        parts = range(len(self.hamiltonian.space.dims))
        if not all_zero(ptrace(mean, list(parts)).entries.values()):
            found.append("Tr_A[V rho_A] = 0")
        total = tensor(self.energy, qeye(self.ancilla.space)) + tensor(one, self.ancilla)
        if not all_zero(commutator(self.coupling, total).entries.values()):
            found.append("[V, E + H_A] = 0")
        if not all_zero(commutator(self.energy, self.hamiltonian).entries.values()):
            found.append("[E, H_S] = 0")
        return tuple(found)

    def block(self, j: int, k: int) -> Operator:
        """v_jk = <j|V|k> sqrt(tau), an operator on the system."""
        d = self.ancilla.space.dim
        root = sympy.sqrt(self.tau)
        entries = {
            (row // d, column // d): root * v
            for row, column, v in self.coupling.data
            if row % d == j and column % d == k
        }
        return Operator.of(self.hamiltonian.space, entries).apply(short)

    def limit(self) -> Generator:
        """The generator of the limit as plain jumps p_k D[v_jk], without thermal pairs.

        It needs Tr_A[V rho_A] = 0 only. Raises MissingTrait when that fails, OutsideClosedForm
        when V^2 tau depends on tau.
        """
        if "Tr_A[V rho_A] = 0" in self.failures:
            raise MissingTrait(
                "The continuous limit of collisions",
                found="Tr_A[V rho_A] is not zero: a force that grows as 1/sqrt(tau)",
                advice="move the mean of V into H_S, or shift the coupling",
            )
        jumps: list[Any] = []
        d = self.ancilla.space.dim
        state = self.ancilla_state
        for j in range(d):
            for k in range(d):
                v = self.block(j, k)
                if v.data:
                    self._require_fixed(v)
                    jumps.append((v, state[k, k], self.label))
        return gkls(self.hamiltonian, jumps)

    def _require_fixed(self, v: Operator) -> None:
        if any(self.tau in e.free_symbols for _, _, e in v.data):
            raise OutsideClosedForm(
                "The limit tau -> 0 with V^2 tau fixed",
                found=f"V sqrt(tau) depends on {self.tau}",
                advice="give V proportional to 1/sqrt(tau), such as sqrt(gamma/tau) * (...)",
            )

    def generator(self) -> Generator:
        """The limit in thermal pairs of a bath at T: the ``gkls`` of a user's own jumps.

        Raises MissingTrait naming the hypotheses that fail, and UnorderedSpectrum when the sign
        of a gap of H_A is not declared.
        """
        if self.failures:
            raise MissingTrait(
                "Thermal pairs from collisions",
                found="; ".join(f"{f} fails" for f in self.failures),
                advice="use limit(), which is GKLS but has no local detailed balance",
            )
        bath, state = ThermalBath(self.label, self.T), self.ancilla_state
        parts: list[Any] = []
        excluded: list[Expr] = []
        for j in range(self.ancilla.space.dim):
            for k in range(j + 1):
                v = self.block(j, k)
                if not v.data:
                    continue
                self._require_fixed(v)
                gap = sympy.expand(self.ancilla[j, j] - self.ancilla[k, k])
                if is_zero(gap) is True:
                    parts += _without_exchange(bath, v, state[k, k], j != k)
                    continue
                letters = alphabet([gap])
                sign = letters.fraction_sign(letters.fraction(gap))
                if sign is None:
                    raise UnorderedSpectrum(
                        "The levels of the ancilla", found=f"the sign of {gap} is not declared"
                    )
                low, lowering = (k, v) if sign > 0 else (j, v.dag())
                weight = state[low, low] * (1 - sympy.exp(-abs_gap(gap, sign) / self.T))
                frequency = abs_gap(gap, sign)
                strength, lowering = scaled(lowering)
                excluded += poles(lowering)
                rate = short(strength * weight)
                parts.append(bath.jumps(lowering, frequency=frequency, rate=rate))
        generator = gkls(self.hamiltonian, parts)
        conditions = (*generator.conditions, *dict.fromkeys(excluded))
        return replace(generator, conditions=conditions)

    def step(self, rho: Operator, U: Operator) -> Operator:
        """Tr_A[U (rho x rho_A) U^+] for a U that the caller gives in closed form."""
        joint = U * tensor(rho, self.ancilla_state) * U.dag()
        return ptrace(joint, list(range(len(rho.space.dims)))).apply(short)

    def heat(self, rho: Operator) -> Expr:
        """Heat per time in the limit: the energy that the ancillas lose, -d<H_A>/dt.

        -Tr[H_A (rho_A' - rho_A)]/tau -> (1/2) Tr([v, [v, rho x rho_A]] H_A), the second order.
        """
        root = sympy.sqrt(self.tau)
        v = self.coupling.apply(lambda e: short(root * e))
        joint = tensor(rho, self.ancilla_state)
        twice = commutator(v, commutator(v, joint))
        energy = tensor(qeye(rho.space), self.ancilla)
        return short(expect(energy, twice) / 2)


def _without_exchange(bath: ThermalBath, v: Operator, rate: Expr, two: bool) -> list[Any]:
    """Jumps of ancilla levels of equal energy, by operators that commute with E and are Hermitian.

    v_kj = v_jk^+ has the same rate as v_jk, and D[v] + D[v^+] = (D[v + v^+] + D[i(v - v^+)])/2. On
    the diagonal of H_A (not ``two``) v is Hermitian already.
    """
    if not two:
        return [bath.dephasing(v, rate=rate)]
    quadratures = (v + v.dag(), sympy.I * (v - v.dag()))
    return [bath.dephasing(q, rate=rate / 2) for q in quadratures if q.data]


def abs_gap(gap: Expr, sign: int) -> Expr:
    """|gap| of a gap of known sign.

    >>> abs_gap(-sympy.Symbol("x", positive=True), -1)
    x
    """
    return gap if sign > 0 else -gap


def collision(
    hamiltonian: Operator,
    ancilla: Operator,
    coupling: Operator,
    tau: Symbol,
    *,
    T: Any,
    energy: Operator | None = None,
    label: str = "b",
) -> Collision:
    """Collisions of duration ``tau`` with ancillas e^{-H_A/T}/Z, coupled by V = ``coupling``.

    V acts on system x ancilla and scales as 1/sqrt(tau). ``energy`` is the E with
    [V, E + H_A] = 0 (by default H_S). Raises NotHermitian, DimensionMismatch, WrongArgument.

    >>> from symtherm import parameters, sigmam, sigmap, sigmaz, tensor
    >>> w, g, tau, T = parameters("omega gamma tau T")
    >>> H = w / 2 * sigmaz()
    >>> V = sympy.sqrt(g / tau) * (tensor(sigmap(), sigmam()) + tensor(sigmam(), sigmap()))
    >>> c = collision(H, H, V, tau, T=T)
    >>> c.failures, c.generator().dissipators
    ((), (Dissipator 'b': T = T, 2 jumps,))
    """
    require_hermitian(hamiltonian, "The Hamiltonian")
    require_hermitian(ancilla, "The ancilla's Hamiltonian")
    require_hermitian(coupling, "The coupling")
    require(tau, Symbol, "The duration of a collision is a symbol", 'write parameters("tau")')
    E = hamiltonian if energy is None else require_hermitian(energy, "The conserved energy")
    if E.space.dim != hamiltonian.space.dim:
        raise DimensionMismatch(
            "The energy that the collisions conserve with H_A",
            found=f"{E.space.dim} levels for a system of {hamiltonian.space.dim}",
            advice="give an operator on the system",
        )
    d = hamiltonian.space.dim * ancilla.space.dim
    if coupling.space.dim != d:
        raise DimensionMismatch(
            "The coupling of a collision",
            found=f"{coupling.space.dim} levels, system x ancilla has {d}",
            advice="write it with tensor(system operator, ancilla operator)",
        )
    return Collision(
        hamiltonian,
        ancilla,
        coupling,
        tau,
        scalar(T, "The temperature"),
        E,
        label,
    )
