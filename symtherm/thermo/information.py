"""Information and irreversibility: unitaries on a system and its reservoir, and what is lost.

The theorem (Esposito, Lindenberg and Van den Broeck, New J. Phys. 12, 013013 (2010)): for
rho_SB' = U (rho_S x rho_B) U^+ with U unitary and rho_B = exp(-beta H_B)/Z,

    Delta S_S - beta Q_S = I(S:B) + S(rho_B'||rho_B),    Q_S = Tr[H_B (rho_B - rho_B')].

Proof. S(rho_SB') = S(rho_S) + S(rho_B), because U keeps the spectrum. So
I = S(rho_S') + S(rho_B') - S(rho_S) - S(rho_B), and
S(rho_B'||rho_B) = -S(rho_B') - Tr[rho_B' ln rho_B] with ln rho_B = -beta H_B - ln Z gives
S(rho_B'||rho_B) = S(rho_B) - S(rho_B') - beta Q_S. The sum is Delta S_S - beta Q_S.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import MissingTrait
from symtherm.exact.decide import all_zero, is_zero
from symtherm.exact.scalar import scalar
from symtherm.quantum.eigen import in_exponentials, short
from symtherm.quantum.operator import Operator, ptrace, tensor
from symtherm.quantum.standard import qeye
from symtherm.quantum.state import (
    expect,
    gibbs_state,
    require_hermitian,
    require_operator,
    require_state,
)
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import relative_entropy, spectral_parts, von_neumann_entropy
from symtherm.thermo.theorem import Klein, klein_inequality

__all__ = [
    "ReservoirBalance",
    "free_energy",
    "is_unitary",
    "isospectral",
    "mutual_information",
    "reservoir_balance",
    "same_state",
]


def is_unitary(U: Operator) -> bool:
    """Whether U^+ U = 1, decided in normal form.

    >>> import sympy
    >>> from symtherm import parameters, sigmax, qeye
    >>> theta = parameters("theta")
    >>> is_unitary(sympy.cos(theta) * qeye(2) - sympy.I * sympy.sin(theta) * sigmax())
    True
    """
    require_operator(U, "The unitary")
    return U.isoper and same_state(U.dag() * U, qeye(U.space))


def same_state(a: Operator, b: Operator) -> bool:
    """Whether two operators agree entry by entry in normal form.

    >>> from symtherm import sigmax, qeye
    >>> same_state(sigmax() * sigmax(), qeye(2))
    True
    """
    return all_zero((a - b).entries.values())


def isospectral(a: Operator, b: Operator) -> bool:
    """Whether two Hermitian operators have the same eigenvalues with multiplicities.

    Tr a^k = Tr b^k for k = 1..d is decided in normal form; by Newton's identities these power sums
    fix the characteristic polynomial. So S(a) = S(b) without any eigenvalue being computed. Powers
    up to d/2 are enough, Tr a^(i+j) = Tr a^i a^j. Raises NotHermitian.

    >>> from symtherm import sigmax, sigmaz
    >>> isospectral(sigmax(), sigmaz())
    True
    """
    require_hermitian(a, "The first operator")
    require_hermitian(b, "The second operator")
    if a.space.dim != b.space.dim:
        return False
    powers = [(a, b)]
    for k in range(1, a.space.dim + 1):
        half = (k + 1) // 2
        if len(powers) < half:
            left, right = powers[-1]
            powers.append(((left * a).apply(short), (right * b).apply(short)))
        if k == 1:
            traces = (a.tr(), b.tr())
        else:
            (i, j), (m, n) = powers[half - 1], powers[k - half - 1]
            traces = ((i * m).tr(), (j * n).tr())
        if is_zero(traces[0] - traces[1]) is not True:
            return False
    return True


def mutual_information(rho: Operator, sel: Any = 0, *, joint: Expr | None = None) -> Expr:
    """I(A:B) = S(rho_A) + S(rho_B) - S(rho_AB) >= 0 in nats, A being the factors ``sel``.

    ``joint`` gives S(rho_AB) where it is known otherwise (a unitary keeps it). Raises
    OutsideClosedForm for blocks larger than 2 x 2, as :func:`von_neumann_entropy` does.

    >>> import sympy
    >>> from symtherm import ket2dm, tensor, HilbertSpace
    >>> q = HilbertSpace("q", levels="eg")
    >>> e, g = q.kets
    >>> bell = (tensor(e, e) + tensor(g, g)) / sympy.sqrt(2)
    >>> mutual_information(ket2dm(bell))
    2*log(2)
    """
    kept = [sel] if isinstance(sel, int) else list(sel)
    rest = [k for k in range(len(rho.space.dims)) if k not in kept]
    joint = von_neumann_entropy(rho) if joint is None else joint
    parts = (ptrace(rho, kept).apply(short), ptrace(rho, rest).apply(short))
    return von_neumann_entropy(parts[0]) + von_neumann_entropy(parts[1]) - joint


def free_energy(rho: Operator, energy: Operator, T: Any) -> Expr:
    """F(rho) = Tr[E rho] - T S(rho), the nonequilibrium free energy.

    S(rho||rho_T) = (F(rho) - F(rho_T))/T for the Gibbs state rho_T, and F(rho_T) = -T ln Z.

    >>> from symtherm import parameters, sigmaz, qeye
    >>> omega, T = parameters("omega T")
    >>> free_energy(qeye(2) / 2, omega * sigmaz(), T)
    -T*log(2)
    """
    return expect(energy, rho) - scalar(T, "The temperature") * von_neumann_entropy(rho)


@dataclass(frozen=True)
class ReservoirBalance:
    """System and reservoir before and after one unitary; entropies in nats, heat into the system.

    ``production`` = Delta S_S - beta Q_S, ``mutual_information`` = I(S:B) after the unitary and
    ``displacement`` = S(rho_B'||rho_B). The last two sum to the first, and all three are relative
    entropies, so that ``claims`` are proved by Klein's inequality:

        I(S:B) = S(rho_SB'||rho_S' x rho_B'),    Sigma = S(rho_SB'||rho_S' x rho_B).
    """

    unitary: Operator

    before: Operator
    after: Operator
    system: tuple[Operator, Operator]
    reservoir: tuple[Operator, Operator]
    reservoir_energy: Operator
    T: Expr

    @cached_property
    def heat(self) -> Expr:
        """Q_S = Tr[H_B (rho_B - rho_B')], the energy that the reservoir lost."""
        lost: Expr = expect(self.reservoir_energy, self.reservoir[0] - self.reservoir[1])
        return lost

    @cached_property
    def entropy_change(self) -> Expr:
        """Delta S_S = S(rho_S') - S(rho_S)."""
        return von_neumann_entropy(self.system[1]) - von_neumann_entropy(self.system[0])

    @cached_property
    def production(self) -> Expr:
        """Sigma = Delta S_S - beta Q_S >= 0."""
        return self.entropy_change - self.heat / self.T

    @cached_property
    def mutual_information(self) -> Expr:
        """I(S:B) after the unitary; S(rho_SB') is that of the product before it."""
        start = von_neumann_entropy(self.system[0]) + von_neumann_entropy(self.reservoir[0])
        ends = von_neumann_entropy(self.system[1]) + von_neumann_entropy(self.reservoir[1])
        return ends - start

    @cached_property
    def displacement(self) -> Expr:
        """S(rho_B'||rho_B), the distance of the reservoir from equilibrium."""
        return relative_entropy(self.reservoir[1], self.reservoir[0])

    @property
    def identity(self) -> Claim:
        """Sigma == I(S:B) + S(rho_B'||rho_B), an exact identity."""
        right = self.mutual_information + self.displacement
        return Claim(self.production, "==", right, "Entropy production is lost information")

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The identity, Landauer's equality, and that Sigma, I(S:B) and S(rho_B'||rho_B) are >= 0.

        The states of system and reservoir alone have connected blocks up to 2 x 2 and full rank;
        that of the whole comes with the spectrum that U moved.
        """
        B = self.reservoir[1]
        moved = klein_inequality(B, self.reservoir[0])
        return (
            self.identity,
            self.landauer,
            self._positive(self.production, self.reservoir[0], ("S'", "B"), "Second law"),
            self._positive(self.mutual_information, B, ("S'", "B'"), "Mutual information"),
            replace(moved, name="Displacement of the reservoir"),
        )

    def _positive(
        self, value: Expr, reservoir: Operator, names: tuple[str, str], name: str
    ) -> Claim:
        """value = S(rho_SB'||rho_S' x reservoir) >= 0, with both spectra."""
        U, local = self.unitary, (self.system[0], self.reservoir[0], self.system[1], reservoir)
        spectra = [spectral_parts(state) for state in local]
        before = [((a, b), tensor(P, Q)) for a, P in spectra[0] for b, Q in spectra[1]]
        after = [((a, b), tensor(P, Q)) for a, P in spectra[2] for b, Q in spectra[3]]
        turned = tuple((v, (U * P * U.dag()).apply(short)) for v, P in before)
        S, B = names
        equality = (
            rf"\rho_{{SB}}' = \rho_{{{S[0]}}}' \otimes \rho_{{{B[0]}}}{B[1:]}",
            f"ρ_SB' = ρ_{S} x ρ_{B}",
        )
        theorem = Klein(
            self.after,
            tensor(self.system[1], reservoir),
            (turned, tuple(after)),
            value,
            local,
            equality,
        )
        return Claim(value, ">=", sympy.Integer(0), name, theorem=theorem)

    @cached_property
    def released(self) -> Expr:
        """Q_out = -Q_S, the heat that the reservoir received."""
        return -self.heat

    @property
    def landauer(self) -> Claim:
        """beta Q_out + Delta S_S == I(S:B) + S(rho_B'||rho_B): Landauer's bound as an equality.

        Source: Reeb and Wolf, New J. Phys. 16, 103011 (2014).
        """
        left = self.released / self.T + self.entropy_change
        return Claim(left, "==", self.mutual_information + self.displacement, "Landauer")


def reservoir_balance(
    U: Operator, rho: Operator, reservoir_energy: Operator, T: Any
) -> ReservoirBalance:
    """U (rho x exp(-H_B/T)/Z) U^+ and its entropy balance.

    ``U`` acts on the system's factors followed by the reservoir's. It need not conserve energy:
    then the difference of the energies is work done by whoever switches the interaction on.
    Raises MissingTrait when U is not unitary (the entropy of the whole would not be constant),
    NotHermitian for a state that is not, BadExpression for one of another trace than 1,
    OutsideClosedForm for an H_B that ``gibbs_state`` cannot diagonalise. For one that is not
    diagonal the identities are proved as they stand, the inequalities in its eigenbasis only (roots
    of roots are no letters): turn H_B and U with ``Spectrum.of(H_B).basis``.

    >>> import sympy
    >>> from symtherm import parameters, sigmaz, ket2dm, tensor, qeye, swap
    >>> omega, T, theta = parameters("omega T theta")
    >>> H = omega / 2 * sigmaz()
    >>> U = sympy.cos(theta) * qeye(H.space * H.space) - sympy.I * sympy.sin(theta) * swap(H.space)
    >>> b = reservoir_balance(U, ket2dm(H.space.ket("e")), H, T)
    >>> from symtherm import is_zero
    >>> is_zero(b.production - b.mutual_information - b.displacement)
    True
    """
    require_state(rho, "The state of the system")
    T = scalar(T, "The temperature")
    thermal = gibbs_state(reservoir_energy, T).apply(in_exponentials)
    if not is_unitary(U):
        raise MissingTrait(
            "The entropy balance of a closed system needs a unitary U",
            found="U^+ U differs from 1",
            advice="give exp(-iHt), for instance cos(theta) - i sin(theta) swap",
        )
    before = tensor(rho, thermal)
    after = (U * before * U.dag()).apply(in_exponentials)
    parts = len(rho.space.dims)
    kept, rest = list(range(parts)), list(range(parts, len(before.space.dims)))
    system = ptrace(after, kept).apply(in_exponentials)
    reservoir = ptrace(after, rest).apply(in_exponentials)
    return ReservoirBalance(
        U, before, after, (rho, system), (thermal, reservoir), reservoir_energy, T
    )
