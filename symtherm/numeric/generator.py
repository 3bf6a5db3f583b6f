"""Generators in numbers: sparse operators, Hermitian coordinates and the real matrix of L.

    L(rho) = -i [H, rho] + sum_k r_k (L_k rho L_k^+ - 1/2 {L_k^+ L_k, rho}),     hbar = 1.

Operators are dictionaries of their nonzero entries, evaluated at the ambient mpmath precision.
Coordinates of a Hermitian matrix: its diagonal, then Re and Im of the entries ij for i < j in
lexicographic order. They are real, and L is a real matrix on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import mp

from symtherm.errors import DimensionMismatch, NotHermitian

__all__ = [
    "Entries",
    "NumericGenerator",
    "Sparse",
    "accumulate",
    "apply_dissipator",
    "check_hermitian",
    "columns_of",
    "coordinates_of",
    "dissipate",
    "from_matrix",
    "merged",
    "product",
    "state_of",
    "superoperator",
    "trace_product",
]

# Nonzero entries of an operator: (((i, j), value), ...) with mpf or mpc values.
Entries = tuple[tuple[tuple[int, int], Any], ...]
Sparse = dict[tuple[int, int], Any]


@dataclass(frozen=True, slots=True)
class NumericGenerator:
    """A GKLS generator in numbers.

    ``hamiltonian``: its nonzero entries, in units of frequency (hbar = 1).
    ``jumps``: (label of the bath, rate, nonzero entries of the jump operator); rates in units of
    frequency for dimensionless operators. One label may occur several times.
    ``dimension``: d, the dimension of the Hilbert space.

    Raises DimensionMismatch for an entry outside the space, NotHermitian for the Hamiltonian.

    >>> from mpmath import mpf
    >>> NumericGenerator((((1, 1), mpf(1)),), (("h", mpf(2), (((0, 1), mpf(1)),)),), 2).labels
    ('h',)
    """

    hamiltonian: Entries
    jumps: tuple[tuple[str, Any, Entries], ...]
    dimension: int

    def __post_init__(self) -> None:
        for entries in (self.hamiltonian, *(jump[2] for jump in self.jumps)):
            _check_entries(entries, self.dimension)
        check_hermitian(self.hamiltonian, "the Hamiltonian of a generator")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the baths, in the order of first appearance."""
        return tuple(dict.fromkeys(label for label, _, _ in self.jumps))


def _check_entries(entries: Entries, dimension: int) -> None:
    for (i, j), _ in entries:
        if not (0 <= i < dimension and 0 <= j < dimension):
            raise DimensionMismatch(
                f"an operator on {dimension} levels",
                found=f"an entry at ({i}, {j})",
                advice="number the levels from 0",
            )


def check_hermitian(entries: Entries, what: str) -> None:
    """Raises NotHermitian unless the entries are exactly conjugate; ``what`` names them."""
    # Rounding to the ambient precision never makes a nonzero sum vanish, so these tests are exact
    # whatever the precision the entries were made at.
    table = merged(entries)
    for (i, j), value in table.items():
        mirror = table.get((j, i), mp.zero)
        if mp.re(value) - mp.re(mirror) != 0 or mp.im(value) + mp.im(mirror) != 0:
            raise NotHermitian(
                what,
                found=f"entries ({i}, {j}) and ({j}, {i}) are not conjugate",
                advice="pass both entries, exactly conjugate",
            )


# --- operators as dictionaries ------------------------------------------------------------------


def product(left: Sparse, right: Sparse) -> Sparse:
    """The operator product, from nonzero entries only."""
    rows: dict[int, list[tuple[int, Any]]] = {}
    for (k, j), value in right.items():
        rows.setdefault(k, []).append((j, value))
    out: Sparse = {}
    for (i, k), a in left.items():
        for j, b in rows.get(k, ()):
            out[i, j] = out.get((i, j), 0) + a * b
    return out


def _dagger(operator: Sparse) -> Sparse:
    return {(j, i): mp.conj(value) for (i, j), value in operator.items()}


def accumulate(total: Sparse, factor: Any, term: Sparse) -> None:
    """Adds factor * term to ``total`` in place."""
    for place, value in term.items():
        total[place] = total.get(place, 0) + factor * value


def merged(entries: Entries) -> Sparse:
    """The entries as a dictionary; repeated places add up."""
    out: Sparse = {}
    for place, value in entries:
        out[place] = out.get(place, 0) + value
    return out


def from_matrix(rho: Any) -> Sparse:
    """The nonzero entries of an mpmath matrix."""
    return {(i, j): rho[i, j] for i in range(rho.rows) for j in range(rho.cols) if rho[i, j] != 0}


def trace_product(left: Sparse, right: Sparse) -> Any:
    """Tr(left right)."""
    return mp.fsum(value * right[j, i] for (i, j), value in left.items() if (j, i) in right)


def dissipate(gen: NumericGenerator, label: str, rho: Sparse) -> Sparse:
    """sum_k r_k (L rho L^+ - 1/2 {L^+ L, rho}) over the jumps of ``label``."""
    out: Sparse = {}
    for name, rate, entries in gen.jumps:
        if name != label:
            continue
        jump = merged(entries)
        adjoint = _dagger(jump)
        square = product(adjoint, jump)
        accumulate(out, rate, product(product(jump, rho), adjoint))
        accumulate(out, -rate / mp.mpf(2), product(square, rho))
        accumulate(out, -rate / mp.mpf(2), product(rho, square))
    return out


def apply_dissipator(gen: NumericGenerator, label: str, rho: Any) -> Any:
    """D_label(rho) = sum over the jumps of ``label``, as an mpmath matrix (per unit time).

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(3), (((0, 1), mpf(1)),)),), 2)
    >>> mp.nprint(apply_dissipator(gen, "c", mp.matrix([[0, 0], [0, 1]])))
    [3.0   0.0]
    [0.0  -3.0]
    """
    return _to_matrix(dissipate(gen, label, from_matrix(rho)), gen.dimension)


def _to_matrix(operator: Sparse, dimension: int) -> Any:
    out = mp.zeros(dimension)
    for (i, j), value in operator.items():
        out[i, j] = value
    return out


# --- Hermitian coordinates ----------------------------------------------------------------------


def _pairs(d: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(d) for j in range(i + 1, d)]


def columns_of(gen: NumericGenerator) -> list[dict[int, Any]]:
    """Column c: the coordinates of L applied to the c-th basis matrix, nonzero ones only.

    With K = -i H - 1/2 sum r L^+ L and a Hermitian B, L(B) = K B + (K B)^+ + sum r L B L^+.
    """
    d = gen.dimension
    effective: Sparse = {}
    accumulate(effective, mp.mpc(0, -1), merged(gen.hamiltonian))
    jumps = []
    for _, rate, entries in gen.jumps:
        jump = merged(entries)
        adjoint = _dagger(jump)
        accumulate(effective, -rate / mp.mpf(2), product(adjoint, jump))
        jumps.append((rate, jump, adjoint))
    place = {pair: d + 2 * k for k, pair in enumerate(_pairs(d))}
    basis: list[Sparse] = [{(i, i): mp.one} for i in range(d)]
    for i, j in _pairs(d):
        basis.append({(i, j): mp.one, (j, i): mp.one})
        basis.append({(i, j): mp.mpc(0, 1), (j, i): mp.mpc(0, -1)})
    columns = []
    for element in basis:
        half = product(effective, element)
        image: Sparse = dict(half)
        accumulate(image, 1, _dagger(half))
        for rate, jump, adjoint in jumps:
            accumulate(image, rate, product(product(jump, element), adjoint))
        column: dict[int, Any] = {}
        for (i, j), value in image.items():
            if i == j:
                column[i] = mp.re(value)
            elif i < j:
                column[place[i, j]] = mp.re(value)
                column[place[i, j] + 1] = mp.im(value)
        columns.append({row: value for row, value in column.items() if value != 0})
    return columns


def superoperator(gen: NumericGenerator, dps: int = 50) -> Any:
    """The generator as a real d^2 x d^2 matrix on Hermitian coordinates.

    Coordinates of rho: rho_00 ... rho_(d-1)(d-1), then Re rho_ij, Im rho_ij for i < j in
    lexicographic order; Hermitian matrices have real coordinates and L preserves them. Built by
    applying L to the basis matrices. Units: frequency.

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(2), (((0, 1), mpf(1)),)),), 2)
    >>> mp.nprint(superoperator(gen, 15))
    [0.0   2.0   0.0   0.0]
    [0.0  -2.0   0.0   0.0]
    [0.0   0.0  -1.0   0.0]
    [0.0   0.0   0.0  -1.0]
    """
    with mp.workdps(dps + 5):
        size = gen.dimension**2
        out = mp.zeros(size)
        for c, column in enumerate(columns_of(gen)):
            for r, value in column.items():
                out[r, c] = value
        return out


def coordinates_of(rho: Any, d: int, tolerance: Any) -> list[Any]:
    """The coordinates of a Hermitian mpmath matrix.

    Raises DimensionMismatch unless it is d x d, and NotHermitian where it differs from its
    adjoint by more than ``tolerance`` times its largest entry.
    """
    if rho.rows != d or rho.cols != d:
        raise DimensionMismatch(
            f"a state on {d} levels",
            found=f"a {rho.rows} x {rho.cols} matrix",
            advice="pass a density matrix of the generator's dimension",
        )
    scale = max(abs(entry) for entry in rho)
    for i in range(d):
        for j in range(i, d):
            if abs(rho[i, j] - mp.conj(rho[j, i])) > scale * tolerance:
                raise NotHermitian(
                    "a state",
                    found=f"entries ({i}, {j}) and ({j}, {i}) are not conjugate",
                    advice="pass a Hermitian matrix",
                )
    out = [mp.re(rho[i, i]) for i in range(d)]
    for i, j in _pairs(d):
        out += [mp.re(rho[i, j]), mp.im(rho[i, j])]
    return out


def state_of(coordinates: Sequence[Any], d: int) -> Any:
    """The Hermitian mpmath matrix with these coordinates."""
    rho = mp.zeros(d)
    for i in range(d):
        rho[i, i] = coordinates[i]
    for k, (i, j) in enumerate(_pairs(d)):
        re, im = coordinates[d + 2 * k], coordinates[d + 2 * k + 1]
        if re or im:
            rho[i, j], rho[j, i] = mp.mpc(re, im), mp.mpc(re, -im)
    return rho
