"""The Redfield equation: Born and Markov without the secular approximation.

Born and Markov. To second order in the coupling A_a x B_a, with the bath's correlation function
C_a(s) decaying faster than the system changes, rho_I' = -int_0^oo ds Tr_B[V(t), [V(t-s), rho_I x
rho_B]]. With A_a(t - s) = sum_omega e^{i omega s} A_a(omega) (omega of both signs,
A_a(-omega) = A_a(omega)^+) and Gamma_a(omega) = int_0^oo ds e^{i omega s} C_a(s), which is
gamma_a/2 + i S_a, this is

    D_a(rho) = X_a rho A_a - A_a X_a rho + (X_a rho A_a - A_a X_a rho)^+,
    X_a = sum_omega Gamma_a(omega) A_a(omega).

Secular. In the interaction picture the entry ((a, b), (i, j)) of the superoperator turns at
(E_a - E_b) - (E_i - E_j); keeping those that do not turn is the projection ``secular``, and gives
``davies`` with its Lamb shift. Source: Breuer and Petruccione, The Theory of Open Quantum Systems,
section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.baths.bath import Bath
from symtherm.baths.spectral import Drude, OhmicCutoff
from symtherm.dynamics.davies import Coupling, eigenoperators, require_on
from symtherm.dynamics.evolution import map_of
from symtherm.errors import OutsideClosedForm, UnknownQuantity, choices, require
from symtherm.exact.decide import is_zero
from symtherm.quantum.operator import Operator, commutator
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.spectrum import Spectrum
from symtherm.quantum.state import require_hermitian
from symtherm.quantum.superoperator import Superoperator

__all__ = ["Component", "Redfield", "RedfieldPart", "lamb_shifts", "redfield", "secular"]


@dataclass(frozen=True, slots=True)
class Component:
    """A(omega) for a signed Bohr frequency, with gamma(omega) and S(omega)."""

    omega: Expr
    operator: Operator
    gamma: Expr
    shift: Expr

    @property
    def half(self) -> Expr:
        """Gamma(omega) = gamma/2 + i S."""
        return self.gamma / 2 + sympy.I * self.shift


@dataclass(frozen=True, slots=True)
class RedfieldPart:
    """One coupling A to one bath: ``coupling`` = A and its ``components`` A(omega)."""

    label: str
    bath: Bath
    coupling: Operator
    components: tuple[Component, ...]

    @property
    def weighted(self) -> Operator:
        """X = sum_omega Gamma(omega) A(omega)."""
        total = 0 * self.coupling
        for c in self.components:
            total = total + c.half * c.operator
        return total

    @property
    def lamb_shift(self) -> Operator:
        """H_LS = (A X - X^+ A)/(2i), so that L_a(rho) = -i[H_LS, rho] + terms without a commutator.

        It does not commute with H_S where A joins different Bohr frequencies.
        """
        product: Operator = self.coupling * self.weighted
        shift: Operator = (product - product.dag()) * (-sympy.I / 2)
        return shift

    def lamb_commutator(self, rho: Operator) -> Operator:
        """-i[H_LS, rho]."""
        moved: Operator = -sympy.I * commutator(self.lamb_shift, rho)
        return moved

    def __call__(self, rho: Operator) -> Operator:
        """X rho A - A X rho + its adjoint; for Hermitian rho and, linearly, for any operator."""
        X, A = self.weighted, self.coupling
        back = X.dag()
        first: Operator = X * rho * A - A * X * rho
        total: Operator = first + A * rho * back - rho * back * A
        return total


@dataclass(frozen=True, slots=True)
class Redfield:
    """L(rho) = -i[H, rho] + sum_a D_a(rho); D_a includes the commutator of its Lamb shift.

    Not completely positive in general: see ``canonical_form(L.superoperator())``.
    """

    spectrum: Spectrum
    parts: tuple[RedfieldPart, ...]

    @property
    def hamiltonian(self) -> Operator:
        return self.spectrum.hamiltonian

    @property
    def space(self) -> HilbertSpace:
        return self.spectrum.space

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the baths, in the order of first appearance."""
        return tuple(dict.fromkeys(p.label for p in self.parts))

    @property
    def temperatures(self) -> dict[str, Expr]:
        """The temperature of every bath."""
        return {p.label: p.bath.T for p in self.parts}

    @property
    def free_symbols(self) -> set[sympy.Symbol]:
        """The parameters of the model and the symbols of its Lamb shifts."""
        found = self.hamiltonian.free_symbols
        for part in self.parts:
            found |= part.coupling.free_symbols | part.bath.T.free_symbols
            for c in part.components:
                found |= c.operator.free_symbols | c.gamma.free_symbols | c.shift.free_symbols
        return found

    def dissipate(self, label: str, rho: Operator) -> Operator:
        """L_a(rho) of one bath; raises UnknownQuantity naming those there are."""
        if label not in self.labels:
            raise UnknownQuantity(f"The bath {label!r}", advice=choices(label, self.labels))
        total = 0 * rho
        for part in self.parts:
            if part.label == label:
                total = total + part(rho)
        return total

    def __call__(self, rho: Operator) -> Operator:
        """L(rho), entry by entry."""
        total: Operator = -sympy.I * commutator(self.hamiltonian, rho)
        for part in self.parts:
            total = total + part(rho)
        return total

    def heat(self, label: str, rho: Operator) -> Expr:
        """Tr[H_S L_a(rho)], heat into the system from bath ``label``, Lamb commutator included."""
        product: Operator = self.hamiltonian * self.dissipate(label, rho)
        return product.tr()

    def superoperator(self) -> Superoperator:
        """The column-stacked matrix of L."""
        return map_of(self, self.space)

    def dissipators(self) -> Superoperator:
        """The column-stacked matrix of sum_a D_a, without -i[H, .]."""

        def total(rho: Operator) -> Operator:
            result = 0 * rho
            for part in self.parts:
                result = result + part(rho)
            return result

        return map_of(total, self.space)

    @property
    def shifts(self) -> dict[sympy.Symbol, tuple[str, Expr]]:
        """The symbol of every S_a(omega): (bath, signed frequency)."""
        return {
            c.shift: (p.label, c.omega)
            for p in self.parts
            for c in p.components
            if isinstance(c.shift, sympy.Symbol)
        }


def redfield(
    spectrum: Spectrum, couplings: Sequence[Coupling], *, lamb_shift: bool = True
) -> Redfield:
    """The Redfield equation of a spectrum and its couplings, in the eigenbasis of H_S.

    gamma(omega) and gamma(-omega) = e^{-omega/T} gamma(omega) are those of ``davies``; the shifts
    are real symbols of the same names (:attr:`Redfield.shifts` says which is which), or 0 with
    ``lamb_shift=False``. Several couplings to one bath are independent of one another: correlated
    ones, with a correlation matrix C = sum_k d_k v_k v_k^T, are the couplings
    sqrt(d_k) sum_a v_ka A_a. Raises as ``davies``, and OutsideClosedForm for leads.

    >>> from symtherm import Coupling, HilbertSpace, ThermalBath, flat, parameters
    >>> w, T, g = parameters("omega T gamma")
    >>> q = HilbertSpace("q", levels="ge")
    >>> lower, upper = q.kets
    >>> x = lower * upper.dag() + upper * lower.dag()
    >>> L = redfield(Spectrum(q, (0, w)), [Coupling(ThermalBath("b", T), x, flat(g))])
    >>> print(L.parts[0].components[1].operator, L.shifts)
    |e><g| {S_b1_0+: ('b', omega), S_b1_0-: ('b', -omega)}
    """
    require(spectrum, Spectrum, "The first argument of redfield", "give a Spectrum")
    parts = []
    for number, coupling in enumerate(couplings, start=1):
        require(coupling, Coupling, "A coupling of redfield", "write Coupling(bath, A, flat(g))")
        require_on(spectrum, coupling)
        require_hermitian(coupling.operator, "A coupling")
        bath = coupling.bath
        if bath.statistics == "fermi":
            raise OutsideClosedForm(
                f"The Redfield equation of lead {bath.label!r}",
                found="fermions, whose correlations with c and c^+ are two functions",
                advice="use davies(spectrum, couplings, number=N), or lead.jumps(...)",
            )
        inside = spectrum.to_eigenbasis(coupling.operator)
        found = []
        for index, (omega, A) in enumerate(eigenoperators(spectrum, inside)):
            name = f"S_{bath.label}{number}_{index}"
            above, below = (
                sympy.Symbol(name + sign, real=True) if lamb_shift else sympy.Integer(0)
                for sign in "+-"
            )

            if omega == 0:
                rate = coupling.spectral.at_zero(bath.T)
                found.append(Component(omega, A, rate, above))
                continue
            rate, n = coupling.spectral.rate(omega), bath.occupation(omega)
            found.append(Component(omega, A, rate * (n + 1), above))
            found.append(Component(-omega, A.dag(), rate * n, below))
        parts.append(RedfieldPart(bath.label, bath, inside, tuple(found)))
    return Redfield(spectrum, tuple(parts))


def lamb_shifts(spectrum: Spectrum, couplings: Sequence[Coupling]) -> dict[Expr, Expr]:
    """The closed form of every S_a(omega) in ``redfield`` and ``davies(..., lamb_shift=True)``.

    The generators hold real symbols S, because digamma and Ei have no normal form; substitute these
    values for numbers. Raises OutsideClosedForm for densities whose S has no closed form, or
    diverges.

    >>> from symtherm import HilbertSpace, ThermalBath, drude, parameters
    >>> w, T, eta, c = parameters("omega T eta omega_c")
    >>> q = HilbertSpace("q", levels="ge")
    >>> x = q.kets[0] * q.kets[1].dag() + q.kets[1] * q.kets[0].dag()
    >>> bath = ThermalBath("b", T)
    >>> list(lamb_shifts(Spectrum(q, (0, w)), [Coupling(bath, x, drude(eta, c))]))
    [S_b1_0+, S_b1_0-]
    """
    found: dict[Expr, Expr] = {}
    for part, coupling in zip(redfield(spectrum, couplings).parts, couplings, strict=True):
        if not isinstance(coupling.spectral, (Drude, OhmicCutoff)):
            raise OutsideClosedForm(
                f"The Lamb shift of {part.label!r}",
                found=f"the density {type(coupling.spectral).__name__}, whose S diverges",
                advice="use drude(eta, cutoff)",
            )
        for c in part.components:
            found[c.shift] = coupling.spectral.lamb(c.omega, part.bath.T)
    return found


def secular(
    superoperator: Superoperator,
    spectrum: Spectrum,
    *,
    same: Mapping[Any, Any] | None = None,
) -> Superoperator:
    """The part of a superoperator that commutes with [H_S, .]: the secular projection.

    An entry ((a, b), (i, j)) stays iff E_a - E_b = E_i - E_j in normal form. ``same`` maps symbols
    to expressions before that comparison: a partial secular approximation keeps what nearly
    coincides, for instance {omega_2: omega_1}.

    >>> from symtherm import HilbertSpace, liouvillian, parameters, sigmax, sigmaz
    >>> w = parameters("omega")
    >>> q = HilbertSpace("q", levels="ge")
    >>> secular(liouvillian(sigmax()), Spectrum(q, (0, w))).entries
    {}
    """
    energies = [e.xreplace(dict(same)) if same else e for e in spectrum.energies]
    d, kept = superoperator.dim, {}
    for (row, column), v in superoperator.entries.items():
        (b, a), (j, i) = divmod(row, d), divmod(column, d)
        turning = sympy.expand(energies[a] - energies[b] - energies[i] + energies[j])
        if turning == 0 or is_zero(turning) is True:
            kept[row, column] = v
    return Superoperator(d, kept)
