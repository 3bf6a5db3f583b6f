"""The Davies generator: weak coupling and secular approximation, from spectrum and couplings.

A(omega) = sum over E_j - E_i = omega of |i><i|A|j><j| lowers the energy by omega; equal Bohr
frequencies are grouped, since the secular approximation keeps terms of equal frequency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy

from symtherm.baths.bath import Bath, Jump, Lead, ThermalBath, ThermalPair
from symtherm.baths.spectral import Drude, Flat, Ohmic, OhmicCutoff, SpectralDensity
from symtherm.dynamics.amplitudes import poles, scaled
from symtherm.dynamics.generator import Generator, Trait
from symtherm.dynamics.gkls import gkls
from symtherm.errors import (
    DimensionMismatch,
    NotThermal,
    OutsideClosedForm,
    WrongArgument,
    kind_of,
    require,
)
from symtherm.exact.decide import is_zero
from symtherm.quantum.operator import Operator, merged
from symtherm.quantum.spectrum import Spectrum
from symtherm.quantum.state import require_hermitian

__all__ = ["Coupling", "davies", "eigenoperators", "require_on"]


@dataclass(frozen=True, slots=True)
class Coupling:
    """A Hermitian system operator coupled to a bath with a spectral density."""

    bath: Bath
    operator: Operator
    spectral: SpectralDensity

    def __post_init__(self) -> None:
        order = "write Coupling(bath, operator, flat(gamma))"
        require(self.bath, (ThermalBath, Lead), "The first part of a Coupling is a bath", order)
        require(self.operator, Operator, "The second part of a Coupling is an Operator", order)
        require(
            self.spectral,
            (Flat, Ohmic, OhmicCutoff, Drude),
            "The third part of a Coupling is a spectral density",
            order,
        )


def eigenoperators(
    spectrum: Spectrum, operator: Operator
) -> tuple[tuple[sympy.Expr, Operator], ...]:
    """(omega, A(omega)) for every omega >= 0 with A(omega) != 0, [H, A(omega)] = -omega A(omega).

    >>> from symtherm.exact.alphabet import parameters
    >>> from symtherm.quantum.space import HilbertSpace
    >>> w = parameters("omega")
    >>> q = HilbertSpace("q", levels="ge")
    >>> g, e = q.kets
    >>> [(w, str(A)) for w, A in eigenoperators(Spectrum(q, (0, w)), g * e.dag() + e * g.dag())]
    [(omega, '|g><e|')]
    """
    entries = operator.entries
    energies = spectrum.energies
    found = []
    # Equal energies may be written differently, so equality is decided in normal form.
    diagonal = {
        (i, j): v
        for (i, j), v in entries.items()
        if i == j or is_zero(energies[i] - energies[j]) is True
    }
    if diagonal:
        found.append((sympy.Integer(0), Operator.of(spectrum.space, diagonal)))
    for b in spectrum.bohr_frequencies:
        part = {t: entries[t] for t in b.transitions if t in entries}
        if part:
            found.append((b.omega, Operator.of(spectrum.space, part)))
    return tuple(found)


def require_on(spectrum: Spectrum, coupling: Coupling) -> None:
    """Raises DimensionMismatch unless the coupling acts on the levels that the spectrum is of.

    >>> from symtherm import HilbertSpace, ThermalBath, flat, parameters, sigmax
    >>> w, g, T = parameters("omega gamma T")
    >>> q = HilbertSpace("q", levels="ge")
    >>> require_on(Spectrum(q, (0, w)), Coupling(ThermalBath("b", T), sigmax(), flat(g)))
    """
    levels = (
        spectrum.hamiltonian if spectrum.basis is None else spectrum.basis * spectrum.basis.dag()
    )
    operator = coupling.operator
    if operator.dims != levels.dims:
        raise DimensionMismatch("A coupling", found=f"{operator.dims} for {levels.dims}")
    if operator.space == spectrum.space:
        return  # on the eigenstates already
    own, space = operator.space.levels, levels.space
    if set(own) == set(space.levels):
        places = [space.index(label) for label in own]
        if {(places[i], places[j]): v for i, j, v in operator.data} == dict(operator.entries):
            return  # such as sigma_x, which is the same in either order of the levels
    merged(space, operator.space, "coupling")


def _by_particles(
    lead: Lead, omega: sympy.Expr, A: Operator, number: Operator
) -> list[tuple[sympy.Expr, Operator]]:
    """(energy, operator) of the parts of A(omega) and A(omega)^+ that take one electron out.

    A(omega) lowers the energy by omega. Its entries that take an electron out remove the energy
    omega with it; the adjoint of those that bring one in takes one out at the energy -omega. The
    two parts of one frequency do not interfere, since states of different N are not superposed.
    """
    change = {(i, j): number[j, j] - number[i, i] for i, j, _ in A.data}
    parts: list[dict[tuple[int, int], sympy.Expr]] = [{}, {}]
    for i, j, v in A.data:
        if is_zero(change[i, j] - 1):
            parts[0][i, j] = v
        elif is_zero(change[i, j] + 1):
            parts[1][i, j] = v
        else:
            raise NotThermal(
                f"The coupling to lead {lead.label!r}",
                found=f"an entry that changes N by {-change[i, j]}",
                advice="a lead exchanges one electron at a time, as c + c.dag() does",
            )
    out, into = (Operator.of(A.space, p) for p in parts)
    found = [(omega, out)]
    # A(0) is Hermitian: what it brings in is the adjoint of what it takes out.
    if omega != 0:
        found.append((-omega, into.dag()))
    return [(energy, L) for energy, L in found if L.data]


def _particles(spectrum: Spectrum, lead: Lead, number: Any) -> Operator:
    """N in the eigenbasis, where it must be diagonal."""
    if number is None:
        raise NotThermal(
            f"The Davies generator with lead {lead.label!r}",
            found="no number operator, which tells electrons that come in from those that go out",
            advice="pass number=N",
        )
    require_hermitian(number, "The number operator")
    inside = spectrum.to_eigenbasis(number)
    if any(i != j for i, j, _ in inside.data):
        raise NotThermal(
            f"The Davies generator with lead {lead.label!r}",
            found="eigenstates of the Hamiltonian that have no number of particles",
            advice="use a Hamiltonian that commutes with N",
        )
    return inside


def davies(
    spectrum: Spectrum,
    couplings: Sequence[Coupling],
    *,
    lamb_shift: bool = False,
    number: Operator | None = None,
) -> Generator:
    """The GKLS generator in the weak-coupling, secular limit.

    For each coupling and each omega > 0: gamma(omega) D[A(omega)] + gamma(-omega) D[A(omega)^+]
    with gamma(omega) = 2 pi J(omega)(n + 1) and gamma(-omega) = e^(-omega/T) gamma(omega); the zero
    frequency gives gamma(0) D[A(0)]. A factor |v|^2 common to A is moved into the rate.
    With ``lamb_shift=True`` the Hamiltonian gains
    sum S_a(omega) A^+(omega) A(omega) with real symbols S; heat keeps H_S in either case.

    Raises NotHermitian for a coupling that is not Hermitian, and OutsideClosedForm when a flat
    spectral density meets A(0) != 0, since gamma(0) diverges.

    Source: Davies, Commun. Math. Phys. 39, 91 (1974).
    """
    require(
        spectrum, Spectrum, "The first argument of davies", "give a Spectrum of the Hamiltonian"
    )
    if not isinstance(couplings, (list, tuple)):
        raise WrongArgument(
            "The couplings of davies are a list", found=kind_of(couplings), advice="write [...]"
        )
    parts: list[ThermalPair | Jump] = []
    excluded = list(spectrum.coincidences)
    shift = 0 * spectrum.hamiltonian
    for place, coupling in enumerate(couplings, start=1):
        require(
            coupling,
            Coupling,
            "A coupling of davies",
            "write Coupling(bath, operator, flat(gamma))",
        )
        require_on(spectrum, coupling)
        require_hermitian(coupling.operator, "A coupling")
        bath = coupling.bath
        inside = spectrum.to_eigenbasis(coupling.operator)
        if isinstance(bath, Lead):
            particles = _particles(spectrum, bath, number)
            if lamb_shift:
                raise OutsideClosedForm(
                    f"The Lamb shift of lead {bath.label!r}",
                    found="fermions, whose shifts for electrons in and out are two functions",
                    advice="leave lamb_shift out, or put the shift into the energies",
                )
        for index, (omega, A) in enumerate(eigenoperators(spectrum, inside)):
            if isinstance(bath, Lead):
                gamma = coupling.spectral.rate(omega)
                for energy, taken in _by_particles(bath, omega, A, particles):
                    weight, lowering = scaled(taken)
                    excluded += poles(lowering, spectrum.gaps)
                    parts.append(ThermalPair(bath, lowering, energy, gamma * weight))
                continue
            weight, lowering = scaled(A)
            excluded += poles(lowering, spectrum.gaps)
            if omega == 0:
                rate = coupling.spectral.at_zero(bath.T) * weight
                parts.append(Jump(lowering, rate, bath.label, bath))
            else:
                rate = coupling.spectral.rate(omega) * weight
                parts.append(ThermalPair(bath, lowering, omega, rate))
            if lamb_shift:
                squares = [A.dag() * A] if omega == 0 else [A.dag() * A, A * A.dag()]
                for sign, X in zip("+-", squares, strict=False):
                    name = f"S_{bath.label}{place}_{index}{sign}"
                    shift = shift + sympy.Symbol(name, real=True) * X
    # Every Bohr frequency is a sum of declared gaps, so all of them are declared positive.
    known = spectrum.gaps
    sums = (b.omega for b in spectrum.bohr_frequencies)
    positive = (*known, *(w for w in sums if not any(is_zero(w - k) for k in known)))
    plain = gkls(spectrum.hamiltonian + shift, parts, positive=positive)
    conditions = tuple(dict.fromkeys(excluded))
    return replace(plain, traits=plain.traits | {Trait.SECULAR}, conditions=conditions)
