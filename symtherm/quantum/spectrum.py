"""Spectra of Hamiltonians that are diagonal in the level basis, with a declared ascending order.

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

from symtherm.errors import DimensionMismatch, OutsideClosedForm, UnorderedSpectrum
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import is_zero
from symtherm.quantum.operator import Operator
from symtherm.quantum.space import HilbertSpace

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
    their order. Raises UnorderedSpectrum when declared signs contradict the order.

    >>> from symtherm.exact.alphabet import parameters
    >>> wc, wh = parameters("omega_c omega_h")
    >>> S = Spectrum(HilbertSpace("atom", levels="glu"), (0, wc, wh))
    >>> [str(b.omega) for b in S.bohr_frequencies]
    ['omega_c', 'omega_h', '-omega_c + omega_h']
    """

    space: HilbertSpace
    energies: tuple[Expr, ...]
    order: tuple[int, ...]

    def __init__(
        self, space: HilbertSpace, energies: Sequence[Any], order: Sequence[int] | None = None
    ) -> None:
        values = tuple(sympy.S(e) for e in energies)
        if len(values) != space.dim:
            raise DimensionMismatch(
                f"The spectrum of {space.name}", found=f"{len(values)} energies, {space.dim} levels"
            )
        object.__setattr__(self, "space", space)
        object.__setattr__(self, "energies", values)
        object.__setattr__(self, "order", tuple(range(space.dim) if order is None else order))
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
        """The spectrum of a Hamiltonian that is diagonal in the level basis.

        ``ascending`` lists the level labels from the lowest up; it may be left out when declared
        signs decide. Raises OutsideClosedForm for off-diagonal elements and UnorderedSpectrum,
        naming the comparison that is needed, when the order is open.
        """
        space = hamiltonian.space
        for i, j, v in hamiltonian.data:
            if i != j:
                raise OutsideClosedForm(
                    "The spectrum of the Hamiltonian",
                    found=f"<{space.levels[i]}|H|{space.levels[j]}> = {v} off the diagonal",
                    advice="write H in its eigenbasis",
                )
        energies = [hamiltonian[i, i] for i in range(space.dim)]
        if ascending is not None:
            return Spectrum(space, energies, [space.index(label) for label in ascending])
        letters = alphabet(energies)
        order: list[int] = []
        for i, energy in enumerate(energies):
            place = len(order)
            while place:
                other = order[place - 1]
                sign = letters.fraction_sign(letters.fraction(energy - energies[other]))
                if sign is None:
                    raise UnorderedSpectrum(
                        "The order of the levels",
                        found=f"the sign of {energy - energies[other]} is not declared",
                        advice="pass ascending=[labels from the lowest up]",
                    )
                if sign >= 0:
                    break
                place -= 1
            order.insert(place, i)
        return Spectrum(space, energies, order)

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
        return tuple(BohrFrequency(w, tuple(t)) for w, t in groups if w != 0)

    @property
    def coincidences(self) -> tuple[Expr, ...]:
        """Differences of distinct Bohr frequencies that vanish for special parameters only."""
        found = []
        frequencies = [b.omega for b in self.bohr_frequencies]
        for a, first in enumerate(frequencies):
            for second in frequencies[a + 1 :]:
                difference = sympy.expand(second - first)
                letters = alphabet([difference], positive=self.gaps)
                if letters.fraction_sign(letters.fraction(difference)) is None:
                    found.append(difference)
        return tuple(found)
