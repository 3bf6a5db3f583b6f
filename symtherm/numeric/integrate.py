"""Thermodynamics of a given generator to any precision, straight from its operators.

This is the independent route: nothing here knows a closed form. A generator is numbers,

    L(rho) = -i [H, rho] + sum_k r_k (L_k rho L_k^+ - 1/2 {L_k^+ L_k, rho}),     hbar = 1,

written as a real matrix on the Hermitian coordinates of rho (populations, then Re and Im of
rho_ij for i < j), and everything follows from one exponential of that matrix.

Arithmetic. Matrices are lists of rows of Python integers, entry = integer / 2^bits (fixed
point). For a GKLS generator e^(tL) contracts the trace norm [Lindblad, Commun. Math. Phys. 48,
119 (1976)], so in these coordinates its entries stay below 2 for all t >= 0 and a single scale
serves. One product of N x N matrices with entries below 2 adds an error below (N + 1) 2^-bits to
each entry. Squaring doubles the error it inherits: with E_k the error of e^(2^k t0 L),
M (M + d) differs from M M by propagated copies of d that semigroup contraction bounds, hence
E_K <= 2^K C (E_0 + (N + 1) 2^-bits) with C <= 4 N. After K squarings the guard must therefore
hold K + log2(4 N (N + 2)) bits beyond the digits asked. The number of squarings needed is only
known afterwards (it is log2 of the stiffness), so the guard is checked and, if it was too small,
the run is repeated with more.

Energies, heat and power are positive INTO the system; entropies are in nats, k_B = 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log2
from operator import mul
from typing import Any

from mpmath import mp
from mpmath.libmp import from_man_exp, to_fixed

from symtherm.errors import DimensionMismatch, NotHermitian, NotUnique, OutOfDomain

__all__ = [
    "Entries",
    "NumericGenerator",
    "apply_dissipator",
    "energy_current",
    "entropy_production",
    "entropy_production_rate",
    "evolve",
    "power",
    "steady_state",
    "superoperator",
    "von_neumann_entropy",
]

# Nonzero entries of an operator: (((i, j), value), ...) with mpf or mpc values.
Entries = tuple[tuple[tuple[int, int], Any], ...]
_Fixed = list[list[int]]
_Sparse = dict[tuple[int, int], Any]

# Rates are taken as disconnected when relaxation is slower than 2^-MAX_REACH of the fastest.
MAX_REACH = 4096


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
        _check_hermitian(self.hamiltonian, "the Hamiltonian of a generator")

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


def _check_hermitian(entries: Entries, what: str) -> None:
    # Rounding to the ambient precision never makes a nonzero sum vanish, so these tests are exact
    # whatever the precision the entries were made at.
    table = _merged(entries)
    for (i, j), value in table.items():
        mirror = table.get((j, i), mp.zero)
        if mp.re(value) - mp.re(mirror) != 0 or mp.im(value) + mp.im(mirror) != 0:
            raise NotHermitian(
                what,
                found=f"entries ({i}, {j}) and ({j}, {i}) are not conjugate",
                advice="pass both entries, exactly conjugate",
            )


# --- operators as dictionaries ------------------------------------------------------------------


def _product(left: _Sparse, right: _Sparse) -> _Sparse:
    rows: dict[int, list[tuple[int, Any]]] = {}
    for (k, j), value in right.items():
        rows.setdefault(k, []).append((j, value))
    out: _Sparse = {}
    for (i, k), a in left.items():
        for j, b in rows.get(k, ()):
            out[i, j] = out.get((i, j), 0) + a * b
    return out


def _dagger(operator: _Sparse) -> _Sparse:
    return {(j, i): mp.conj(value) for (i, j), value in operator.items()}


def _accumulate(total: _Sparse, factor: Any, term: _Sparse) -> None:
    for place, value in term.items():
        total[place] = total.get(place, 0) + factor * value


def _merged(entries: Entries) -> _Sparse:
    out: _Sparse = {}
    for place, value in entries:
        out[place] = out.get(place, 0) + value
    return out


def _from_matrix(rho: Any) -> _Sparse:
    return {(i, j): rho[i, j] for i in range(rho.rows) for j in range(rho.cols) if rho[i, j] != 0}


def _trace_product(left: _Sparse, right: _Sparse) -> Any:
    return mp.fsum(value * right[j, i] for (i, j), value in left.items() if (j, i) in right)


def _dissipate(gen: NumericGenerator, label: str | None, rho: _Sparse) -> _Sparse:
    """sum_k r_k (L rho L^+ - 1/2 {L^+ L, rho}) over the jumps of ``label`` (None: all)."""
    out: _Sparse = {}
    for name, rate, entries in gen.jumps:
        if label is not None and name != label:
            continue
        jump = _merged(entries)
        adjoint = _dagger(jump)
        square = _product(adjoint, jump)
        _accumulate(out, rate, _product(_product(jump, rho), adjoint))
        _accumulate(out, -rate / mp.mpf(2), _product(square, rho))
        _accumulate(out, -rate / mp.mpf(2), _product(rho, square))
    return out


def apply_dissipator(gen: NumericGenerator, label: str, rho: Any) -> Any:
    """D_label(rho) = sum over the jumps of ``label``, as an mpmath matrix (per unit time).

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(3), (((0, 1), mpf(1)),)),), 2)
    >>> mp.nprint(apply_dissipator(gen, "c", mp.matrix([[0, 0], [0, 1]])))
    [3.0   0.0]
    [0.0  -3.0]
    """
    return _to_matrix(_dissipate(gen, label, _from_matrix(rho)), gen.dimension)


def _to_matrix(operator: _Sparse, dimension: int) -> Any:
    out = mp.zeros(dimension)
    for (i, j), value in operator.items():
        out[i, j] = value
    return out


# --- Hermitian coordinates ----------------------------------------------------------------------


def _pairs(d: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(d) for j in range(i + 1, d)]


def _columns(gen: NumericGenerator) -> list[dict[int, Any]]:
    """Column c: the coordinates of L applied to the c-th basis matrix, nonzero ones only.

    With K = -i H - 1/2 sum r L^+ L and a Hermitian B, L(B) = K B + (K B)^+ + sum r L B L^+.
    """
    d = gen.dimension
    effective: _Sparse = {}
    _accumulate(effective, mp.mpc(0, -1), _merged(gen.hamiltonian))
    jumps = []
    for _, rate, entries in gen.jumps:
        jump = _merged(entries)
        adjoint = _dagger(jump)
        _accumulate(effective, -rate / mp.mpf(2), _product(adjoint, jump))
        jumps.append((rate, jump, adjoint))
    place = {pair: d + 2 * k for k, pair in enumerate(_pairs(d))}
    basis: list[_Sparse] = [{(i, i): mp.one} for i in range(d)]
    for i, j in _pairs(d):
        basis.append({(i, j): mp.one, (j, i): mp.one})
        basis.append({(i, j): mp.mpc(0, 1), (j, i): mp.mpc(0, -1)})
    columns = []
    for element in basis:
        half = _product(effective, element)
        image: _Sparse = dict(half)
        _accumulate(image, 1, _dagger(half))
        for rate, jump, adjoint in jumps:
            _accumulate(image, rate, _product(_product(jump, element), adjoint))
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
        for c, column in enumerate(_columns(gen)):
            for r, value in column.items():
                out[r, c] = value
        return out


def _coordinates(rho: Any, d: int, tolerance: Any) -> list[Any]:
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


def _state(coordinates: Sequence[Any], d: int) -> Any:
    rho = mp.zeros(d)
    for i in range(d):
        rho[i, i] = coordinates[i]
    for k, (i, j) in enumerate(_pairs(d)):
        re, im = coordinates[d + 2 * k], coordinates[d + 2 * k + 1]
        if re or im:
            rho[i, j], rho[j, i] = mp.mpc(re, im), mp.mpc(re, -im)
    return rho


def _blocks(columns: list[dict[int, Any]]) -> list[list[int]]:
    """The connected components of the pattern of the superoperator (union-find)."""
    parent = list(range(len(columns)))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for c, column in enumerate(columns):
        for r in column:
            parent[find(r)] = find(c)
    groups: dict[int, list[int]] = {}
    for node in range(len(columns)):
        groups.setdefault(find(node), []).append(node)
    return list(groups.values())


# --- fixed-point matrices -----------------------------------------------------------------------


def _fixed(value: Any, bits: int) -> int:
    return int(to_fixed(mp.mpf(value)._mpf_, bits))


def _real(value: int, bits: int) -> Any:
    return mp.make_mpf(from_man_exp(value, -bits, mp.prec, "n"))


def _matmul(left: _Fixed, right: _Fixed, bits: int) -> _Fixed:
    """left * right, each entry one exact dot product and one rounding (towards -infinity)."""
    columns = list(zip(*right, strict=True))
    return [[sum(map(mul, row, column)) >> bits for column in columns] for row in left]


def _block_matrix(
    columns: list[dict[int, Any]], block: list[int], bits: int, halvings: int
) -> _Fixed:
    """2^-halvings times one block of L, in fixed point."""
    place = {node: k for k, node in enumerate(block)}
    out = [[0] * len(block) for _ in block]
    for node in block:
        for row, value in columns[node].items():
            out[place[row]][place[node]] = _fixed(mp.ldexp(value, -halvings), bits)
    return out


def _norm(columns: list[dict[int, Any]], block: list[int]) -> Any:
    return max((mp.fsum(abs(v) for v in columns[node].values()) for node in block), default=mp.zero)


def _halvings(norm: Any) -> int:
    """h with ||L|| t / 2^h below 2^-6 (one-norm), so that the Taylor series ends quickly."""
    return int(mp.frexp(norm)[1]) + 6 if norm else 0


def _taylor(small: _Fixed, bits: int) -> _Fixed:
    """exp of a matrix of one-norm below 2^-6: the term after n is below 2^(-6n)/n!.

    Terms are added until they round to zero; each term carries one rounding per entry.
    """
    size = len(small)
    one = 1 << bits
    total = [[one if i == j else 0 for j in range(size)] for i in range(size)]
    term, n = total, 0
    while True:
        n += 1
        term = [[entry // n for entry in row] for row in _matmul(term, small, bits)]
        # Floor rounding leaves -1 forever: stop when nothing but rounding remains.
        if all(-1 <= entry <= 0 for row in term for entry in row):
            return total
        total = [
            [a + b for a, b in zip(r, s, strict=True)] for r, s in zip(total, term, strict=True)
        ]


def _check_bounded(matrix: _Fixed, bits: int) -> None:
    if any(abs(entry) >> (bits + 20) for row in matrix for entry in row):
        raise OutOfDomain(
            "the semigroup of a generator",
            found="e^(tL) grows without bound",
            advice="check the rates: a GKLS generator has only non-negative ones",
        )


def _overhead(size: int) -> int:
    """log2 of 4 N (N + 2), the constant in front of 2^squarings in the error bound."""
    return ceil(log2(4 * size * (size + 2))) + 2


# --- the steady state ---------------------------------------------------------------------------


def _limit(
    columns: list[dict[int, Any]], block: list[int], target: int, reach: int, rank: int
) -> tuple[_Fixed, int] | None:
    """lim e^(tL) on one block to 2^-target, with its scale; None if it does not settle.

    Repeated squaring M -> M^2. With M = P + R, P the limit and R the decaying rest, P R = R P = 0
    gives M^2 = P + R^2: the change R - R^2 falls below 2^-target only when every mode of R is
    within 2^-target of 0 or of 1. The former are squared once more and are then far below the
    target; the latter have not moved yet, or never will, and count in the trace. ``rank`` is the
    least rank the block must have: as soon as the trace says so the limit is complete, otherwise
    time is extended by ``reach`` squarings before unmoved modes are called conserved.
    """
    guard = 64
    halvings = _halvings(_norm(columns, block))
    overhead = _overhead(len(block))
    while True:
        bits = target + guard + overhead
        with mp.workprec(bits + 64):
            matrix = _taylor(_block_matrix(columns, block, bits, halvings), bits)
        tolerance = 1 << (bits - target)
        # `reach` squarings beyond the fastest time scale resolve rates of relative size 2^-reach.
        for squarings in range(1, min(guard, reach + target.bit_length() + 12) + 1):
            squared = _matmul(matrix, matrix, bits)
            _check_bounded(squared, bits)
            change = max(
                abs(a - b)
                for r, s in zip(squared, matrix, strict=True)
                for a, b in zip(r, s, strict=True)
            )
            matrix = squared
            if change < tolerance and (squarings >= reach or _rank(matrix, bits) <= rank):
                return matrix, bits
        if guard > reach + target.bit_length() + 12:
            return None
        guard *= 2


def _rank(matrix: _Fixed, bits: int) -> int:
    """The trace of a projector is its rank (rounded to nearest)."""
    return (sum(matrix[i][i] for i in range(len(matrix))) + (1 << (bits - 1))) >> bits


def _reach(columns: list[dict[int, Any]]) -> int:
    """Squarings after which a mode that has not moved is called conserved.

    A relaxation rate that is not zero is rarely slower than a few powers of the smallest
    coefficient (an effective rate g^2/gamma is the second power): four powers are allowed.
    """
    sizes = [abs(value) for column in columns for value in column.values()]
    if not sizes:
        return 0
    spread = int(mp.ceil(mp.log(max(sizes) / min(sizes), 2)))
    return min(MAX_REACH, 128 + 4 * spread)


def steady_state(gen: NumericGenerator, digits: int = 50) -> Any:
    """The density matrix with L(pi) = 0, as an mpmath matrix.

    pi = lim e^(tL) 1/d by repeated squaring on each connected block of coordinates, absolute
    error below 10^-digits in every entry (module docstring). Guard digits follow the stiffness
    found, so rates may spread over tens of decades.

    Raises NotUnique if the limit has rank above one or if undamped oscillations remain (an
    imaginary eigenvalue implies a second steady state: a semigroup with a unique one has a
    trivial peripheral spectrum). Rates below the fourth power of the smallest relative
    coefficient, and 2^-128, count as zero. Raises OutOfDomain if e^(tL) is unbounded.

    >>> from mpmath import mp, mpf
    >>> down, up = (((0, 1), mpf(1)),), (((1, 0), mpf(1)),)
    >>> gen = NumericGenerator((((1, 1), mpf(1)),), (("h", mpf(3), down), ("h", mpf(1), up)), 2)
    >>> mp.nprint(steady_state(gen, 30))
    [0.75   0.0]
    [ 0.0  0.25]
    """
    d = gen.dimension
    target = ceil(digits * 3.3220) + 8
    with mp.workprec(target + 128):
        columns = _columns(gen)
        reach = _reach(columns)
        coordinates: list[Any] = [mp.zero] * (d * d)
        rank = 0
        for block in _blocks(columns):
            populations = [node for node in block if node < d]
            # Each block with populations conserves their sum, so its rank is at least 1. A block
            # of coherences alone has limit 0 if pi is unique, and only that has to be seen.
            if populations:
                found = _limit(columns, block, target, reach, 1)
            else:
                found = _limit(columns, block, 24, reach, 0)
            if found is None:
                raise _not_unique("coherences that oscillate forever")
            matrix, bits = found
            rank += _rank(matrix, bits)
            if rank > 1:
                raise _not_unique("a limit projector of rank above one")
            place = {node: k for k, node in enumerate(block)}
            for node in block if populations else ():
                row = matrix[place[node]]
                total = sum(row[place[p]] for p in populations)
                coordinates[node] = _real(total, bits) / len(populations)
        norm = mp.fsum(coordinates[:d])
        state = _state([c / norm for c in coordinates], d)
    with mp.workprec(target):
        return state.apply(lambda entry: +entry)


def _not_unique(found: str) -> NotUnique:
    return NotUnique(
        "the steady state of a generator",
        found=found,
        advice="couple the disconnected sectors, or evolve from the initial state of interest",
    )


# --- evolution ----------------------------------------------------------------------------------


def _propagate(
    gen: NumericGenerator, rho0: Any, t: Any, digits: int
) -> tuple[list[Any], list[Any]]:
    """Coordinates of rho(t) and of the mean state (1/t) int_0^t rho ds.

    exp of [[L t, rho0], [0, 0]] is [[e^(Lt), mean], [0, 1]] [Van Loan, IEEE Trans. Autom. Control
    23, 395 (1978)], exponentiated as one matrix on the blocks where rho0 does not vanish. All
    its entries stay bounded: the mean of states is a state.
    """
    d = gen.dimension
    if t < 0:
        raise OutOfDomain("evolution", found=f"t = {t}", advice="choose t >= 0")
    target = ceil(digits * 3.3220) + 8
    with mp.workprec(target + 128):
        start = _coordinates(rho0, d, mp.ldexp(1, -target))
        columns = _columns(gen)
        final, mean = list(start), list(start)
        for block in _blocks(columns):
            norm = _norm(columns, block) * t
            if not norm or not any(start[node] for node in block):
                continue
            scale = max(abs(start[node]) for node in block)
            squarings = max(0, _halvings(norm + 1))
            bits = target + squarings + _overhead(len(block) + 1)
            with mp.workprec(bits + 64):
                scaled = [{row: v * t for row, v in column.items()} for column in columns]
                matrix = _block_matrix(scaled, block, bits, squarings)
                for k, node in enumerate(block):
                    matrix[k].append(_fixed(mp.ldexp(start[node] / scale, -squarings), bits))
                matrix.append([0] * (len(block) + 1))
                matrix = _taylor(matrix, bits)
                for _ in range(squarings):
                    matrix = _matmul(matrix, matrix, bits)
                    _check_bounded(matrix, bits)
                for k, node in enumerate(block):
                    row = matrix[k]
                    final[node] = mp.fsum(
                        _real(row[j], bits) * start[other] for j, other in enumerate(block)
                    )
                    mean[node] = _real(row[-1], bits) * scale
        return final, mean


def evolve(gen: NumericGenerator, rho0: Any, t: Any, digits: int = 50) -> Any:
    """rho(t) = e^(tL) rho0 as an mpmath matrix, absolute error below 10^-digits per entry.

    Scaling and squaring of the Taylor series in fixed point, log2(||L|| t) guard bits. ``t`` is
    in inverse units of the rates and must not be negative.

    Raises NotHermitian or DimensionMismatch for rho0, OutOfDomain for t < 0 or an unbounded
    semigroup.

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(1), (((0, 1), mpf(1)),)),), 2)
    >>> mp.nprint(evolve(gen, mp.matrix([[0, 0], [0, 1]]), mp.log(2), 15))
    [0.5  0.0]
    [0.0  0.5]
    """
    final, _ = _propagate(gen, rho0, t, digits)
    with mp.workdps(digits + 3):
        return _state([+c for c in final], gen.dimension)


# --- thermodynamics -----------------------------------------------------------------------------


def energy_current(gen: NumericGenerator, rho: Any, label: str, energy: Entries) -> Any:
    """J_label = Tr[E D_label(rho)]: heat per unit time from the bath into the system (mpf).

    Evaluated at the ambient mpmath precision. Raises NotHermitian for ``energy``.

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(3), (((0, 1), mpf(1)),)),), 2)
    >>> print(energy_current(gen, mp.matrix([[0, 0], [0, 1]]), "c", (((1, 1), mpf(2)),)))
    -6.0
    """
    _check_hermitian(energy, "an energy operator")
    return mp.re(_trace_product(_merged(energy), _dissipate(gen, label, _from_matrix(rho))))


def power(gen: NumericGenerator, rho: Any, energy: Entries) -> Any:
    """P = -i Tr(E [H, rho]): work per unit time into the system, measured by E (mpf).

    Zero if E = H. Evaluated at the ambient mpmath precision.

    >>> from mpmath import mp, mpf, mpc
    >>> drive = (((0, 1), mpf(1)), ((1, 0), mpf(1)))
    >>> gen = NumericGenerator(drive, (), 2)
    >>> rho = mp.matrix([[mpf(1) / 2, mpc(0, 0.5)], [mpc(0, -0.5), mpf(1) / 2]])
    >>> print(power(gen, rho, (((1, 1), mpf(1)),)))
    1.0
    """
    _check_hermitian(energy, "an energy operator")
    state, hamiltonian = _from_matrix(rho), _merged(gen.hamiltonian)
    commutator = _product(hamiltonian, state)
    _accumulate(commutator, -1, _product(state, hamiltonian))
    return mp.im(_trace_product(_merged(energy), commutator))


def _spectrum(rho: Any) -> tuple[list[Any], Any]:
    """Eigenvalues and eigenvectors (columns) of a Hermitian mpmath matrix."""
    values, vectors = mp.eighe(rho)
    return list(values), vectors


def von_neumann_entropy(rho: Any, digits: int = 50) -> Any:
    """S = -Tr rho ln rho in nats (mpf), absolute error about 10^-digits.

    Eigenvalues are computed with ten guard digits; those between -10^-(digits + 4) and 0 are
    rounding and count as 0, where x ln x = 0.

    Raises OutOfDomain for an eigenvalue that is negative beyond rounding.

    >>> from mpmath import mp
    >>> mp.nprint(von_neumann_entropy(mp.matrix([[0.5, 0], [0, 0.5]]), 20), 15)
    0.693147180559945
    >>> von_neumann_entropy(mp.matrix([[0.5, 0.5], [0.5, 0.5]]), 20) < 1e-20
    True
    """
    with mp.workdps(digits + 10):
        values, _ = _spectrum(rho)
        floor = mp.mpf(10) ** -(digits + 4)
        total = mp.zero
        for value in values:
            if value < -floor:
                raise OutOfDomain(
                    "the entropy of a state",
                    found=f"the eigenvalue {mp.nstr(value, 5)}",
                    advice="pass a positive matrix, at least as precise as the digits asked",
                )
            if value > floor:
                total -= value * mp.log(value)
    with mp.workdps(digits):
        return +total


def entropy_production(
    gen: NumericGenerator,
    rho0: Any,
    t: Any,
    energy: Entries | Mapping[str, Entries],
    beta: Mapping[str, Any],
    digits: int = 50,
) -> Any:
    """Sigma = Delta S - sum_a beta_a Q_a over [0, t], in nats (mpf).

    Q_a = Tr[E_a D_a(int_0^t rho ds)] is the heat received from bath a; D_a is linear, so the
    integrated state suffices, and it comes from the exponential of the augmented matrix
    [[L t, t rho0], [0, 0]]. Logarithms enter only at the two ends.

    ``energy``: one operator, or one per label. ``beta``: inverse temperature per label; a label
    without one is a unital dissipator (reference state 1/d), whose term vanishes.

    Raises as :func:`evolve` and :func:`von_neumann_entropy`.

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(1), (((0, 1), mpf(1)),)),), 2)
    >>> hot = mp.matrix([[mpf(0), 0], [0, mpf(1)]])  # decays into a bath: heat 1 - e^-t leaves
    >>> sigma = entropy_production(gen, hot, mp.log(2), (((1, 1), mpf(1)),), {"c": mpf(2)}, 15)
    >>> mp.nprint(sigma, 12)  # ln 2 - beta Q with Q = -1/2
    1.69314718056
    """
    guard = digits + 12 + max(0, int(mp.log10(1 + abs(mp.mpf(t)))))
    final, mean = _propagate(gen, rho0, t, guard)
    d = gen.dimension
    with mp.workdps(guard + 4):
        integrated = _state([c * t for c in mean], d)
        total = von_neumann_entropy(_state(final, d), digits + 3)
        total -= von_neumann_entropy(rho0, digits + 3)
        for label in gen.labels:
            if label in beta:
                operator = energy[label] if isinstance(energy, Mapping) else energy
                total -= beta[label] * energy_current(gen, integrated, label, operator)
    with mp.workdps(digits):
        return +total


def entropy_production_rate(
    gen: NumericGenerator,
    rho: Any,
    energy: Entries | Mapping[str, Entries],
    beta: Mapping[str, Any],
    digits: int = 50,
) -> Any:
    """sigma = -sum_a Tr[D_a(rho) (ln rho + beta_a E_a)], in nats per unit time (mpf).

    A label without a ``beta`` has reference state 1/d and contributes -Tr[D_a(rho) ln rho].

    Raises OutOfDomain for a singular state, where ln rho does not exist.

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(1), (((0, 1), mpf(1)),)),), 2)
    >>> rho = mp.matrix([[0.5, 0], [0, 0.5]])
    >>> mp.nprint(entropy_production_rate(gen, rho, (((1, 1), mpf(1)),), {"c": mpf(2)}, 15))
    1.0
    """
    with mp.workdps(digits + 10):
        values, vectors = _spectrum(rho)
        if min(values) <= mp.mpf(10) ** -(digits + 4):
            raise OutOfDomain(
                "the logarithm of a state",
                found=f"the eigenvalue {mp.nstr(min(values), 5)}",
                advice="pass a state of full rank",
            )
        logarithm = _from_matrix(
            vectors * mp.diag([mp.log(value) for value in values]) * vectors.transpose_conj()
        )
        state = _from_matrix(rho)
        total = mp.zero
        for label in gen.labels:
            flow = _dissipate(gen, label, state)
            total -= mp.re(_trace_product(logarithm, flow))
            if label in beta:
                operator = energy[label] if isinstance(energy, Mapping) else energy
                total -= beta[label] * mp.re(_trace_product(_merged(operator), flow))
    with mp.workdps(digits):
        return +total
