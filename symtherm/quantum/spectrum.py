"""Spectra of Hamiltonians with a declared ascending order, and the change to the eigenbasis.

The sign of a symbolic Bohr frequency is undecidable in general, and guessing it turns absorption
into emission. So the order of the levels is declared, and checked against the declared signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import DimensionMismatch, UnorderedSpectrum, require
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import is_zero
from symtherm.exact.scalar import scalar
from symtherm.quantum.eigen import eigenstates, short
from symtherm.quantum.operator import Operator
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.state import require_hermitian

__all__ = ["BohrFrequency", "Spectrum"]


@dataclass(frozen=True, slots=True)
class BohrFrequency:
    """omega >= 0 with the transitions (lower level, upper level) that have it."""

    omega: Expr
    transitions: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, init=False)
class Spectrum:
    """Energies of the levels, declared ascending in the order given by ``order``.

    ``Spectrum(atom, (0, wc, wh))`` declares 0 <= omega_c <= omega_h for the levels of ``atom`` in
    their order. For a Hamiltonian with off-diagonal elements (:meth:`of`) ``space`` is that of the
    eigenstates and ``basis`` the unitary from it to the levels. Raises UnorderedSpectrum when
    declared signs contradict the order, or the order does not name each level once.

    >>> from symtherm.exact.alphabet import parameters
    >>> wc, wh = parameters("omega_c omega_h")
    >>> S = Spectrum(HilbertSpace("atom", levels="glu"), (0, wc, wh))
    >>> [str(b.omega) for b in S.bohr_frequencies]
    ['omega_c', 'omega_h', '-omega_c + omega_h']
    """

    space: HilbertSpace
    energies: tuple[Expr, ...]
    order: tuple[int, ...]
    basis: Operator | None

    def __init__(
        self,
        space: HilbertSpace,
        energies: Sequence[Any],
        order: Sequence[int] | None = None,
        basis: Operator | None = None,
    ) -> None:
        what = f"The spectrum of {space.name}" if isinstance(space, HilbertSpace) else "A spectrum"
        order_of = "write Spectrum(space, (0, omega)), energies in ascending order"
        require(space, HilbertSpace, f"{what} is given on a HilbertSpace", order_of)
        require(energies, (tuple, list), f"{what} is a tuple of energies", order_of)
        values = tuple(scalar(e, "An energy level") for e in energies)
        if len(values) != space.dim:
            raise DimensionMismatch(
                f"The spectrum of {space.name}", found=f"{len(values)} energies, {space.dim} levels"
            )
        object.__setattr__(self, "space", space)
        object.__setattr__(self, "energies", values)
        places = tuple(range(space.dim) if order is None else order)
        if sorted(places) != list(range(space.dim)):
            raise UnorderedSpectrum(
                f"An ascending order of the levels of {space.name}",
                found=", ".join(space.levels[k] if 0 <= k < space.dim else str(k) for k in places),
                advice="name each of the levels once: " + ", ".join(space.levels),
            )
        object.__setattr__(self, "order", places)
        object.__setattr__(self, "basis", basis)
        for low, high in pairwise(self.order):
            gap = values[high] - values[low]
            letters = alphabet([gap])
            if letters.fraction_sign(letters.fraction(gap)) == -1:
                raise UnorderedSpectrum(
                    f"An ascending order of the levels of {space.name}",
                    found=f"E({space.levels[high]}) - E({space.levels[low]}) = {gap} is negative",
                    advice="give the levels in ascending order",
                )

    @staticmethod
    def of(hamiltonian: Operator, ascending: Sequence[str] | None = None) -> Spectrum:
        """The spectrum of a Hamiltonian, diagonalised exactly in blocks (see ``eigenstates``).

        ``ascending`` lists the labels of the eigenstates from the lowest up; it may be left out
        when declared signs decide. Raises UnorderedSpectrum naming the comparison that is needed,
        and OutsideClosedForm for a block without eigenvalues in square roots.

        >>> from symtherm.exact.alphabet import parameters
        >>> from symtherm.quantum.standard import sigmax, sigmaz
        >>> delta, g = parameters("delta g")
        >>> S = Spectrum.of(delta * sigmaz() + g * sigmax())
        >>> S.space.levels, [str(b.omega) for b in S.bohr_frequencies]
        (('+', '-'), ['2*sqrt(delta**2 + g**2)'])
        """
        states = eigenstates(require_hermitian(hamiltonian, "The Hamiltonian"))
        energies = [s.energy for s in states]
        if all(len(s.vector) == 1 for s in states):
            space, basis = hamiltonian.space, None
        else:
            labels = [s.label for s in states]
            space = HilbertSpace(f"{hamiltonian.space.name}'", labels, eigenbasis=True)
            columns = {(i, k): v for k, s in enumerate(states) for i, v in s.vector}
            basis = Operator.of(hamiltonian.space, columns, space)
        if ascending is not None:
            return Spectrum(space, energies, [space.index(label) for label in ascending], basis)
        return Spectrum(space, energies, _decided_order(space, energies), basis)

    def to_eigenbasis(self, operator: Operator) -> Operator:
        """U^+ A U for an operator on the levels, every entry in normal form.

        One that is on the eigenstates already stays as it is.
        """
        if self.basis is None or operator.space == self.space:
            return operator
        moved: Operator = self.basis.dag() * operator * self.basis
        return moved.apply(short)

    def to_levels(self, operator: Operator) -> Operator:
        """U A U^+ for an operator on the eigenstates, such as a steady state.

        One that is on the levels already stays as it is.
        """
        if self.basis is None or operator.space == self.basis.space:
            return operator
        moved: Operator = self.basis * operator * self.basis.dag()
        return moved.apply(short)

    @property
    def hamiltonian(self) -> Operator:
        return Operator.of(self.space, {(i, i): e for i, e in enumerate(self.energies)})

    @property
    def gaps(self) -> tuple[Expr, ...]:
        """The nonzero gaps of neighbouring levels, declared positive."""
        found = []
        for low, high in pairwise(self.order):
            gap = sympy.expand(self.energies[high] - self.energies[low])
            if gap != 0 and is_zero(gap) is not True:
                found.append(gap)
        return tuple(found)

    @property
    def bohr_frequencies(self) -> tuple[BohrFrequency, ...]:
        """All omega = E_j - E_i >= 0, equal ones grouped (the zero frequency included)."""
        groups: list[tuple[Expr, list[tuple[int, int]]]] = []
        for a, low in enumerate(self.order):
            for high in self.order[a:]:
                omega = sympy.expand(self.energies[high] - self.energies[low])
                for known, transitions in groups:
                    if is_zero(known - omega):
                        transitions.append((low, high))
                        break
                else:
                    groups.append((omega, [(low, high)]))
        return tuple(
            BohrFrequency(w, tuple(t)) for w, t in groups if w != 0 and is_zero(w) is not True
        )

    @property
    def coincidences(self) -> tuple[Expr, ...]:
        """Differences of distinct Bohr frequencies that vanish for special parameters only."""
        found: list[Expr] = []
        frequencies = [b.omega for b in self.bohr_frequencies]
        for a, first in enumerate(frequencies):
            for second in frequencies[a + 1 :]:
                difference = sympy.expand(second - first)
                letters = alphabet([difference], positive=self.gaps)
                known = any(is_zero(d - difference) or is_zero(d + difference) for d in found)
                if not known and letters.fraction_sign(letters.fraction(difference)) is None:
                    found.append(difference)
        return tuple(found)


def _decided_order(space: HilbertSpace, energies: Sequence[Expr]) -> list[int]:
    letters = alphabet(energies)
    order: list[int] = []
    for i, energy in enumerate(energies):
        place = len(order)
        while place:
            other = order[place - 1]
            sign = letters.fraction_sign(letters.fraction(energy - energies[other]))
            if sign is None:
                raise UnorderedSpectrum(
                    f"The order of the levels {space.levels[i]} and {space.levels[other]}",
                    found=f"the sign of {energy} - ({energies[other]}) is not declared",
                    advice="pass ascending=[labels from the lowest up], of "
                    + ", ".join(space.levels),
                )
            if sign >= 0:
                break
            place -= 1
        order.insert(place, i)
    return order
