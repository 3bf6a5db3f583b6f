"""Thermodynamics of a given generator to any precision, straight from its operators.

This is the independent route: nothing here knows a closed form. A generator is numbers
(:mod:`symtherm.numeric.generator`), written as a real matrix on the Hermitian coordinates of rho,
and everything follows from one exponential of that matrix in fixed point, whose guard bits follow
the stiffness (:mod:`symtherm.numeric.propagate`).

Energies, heat and power are positive INTO the system; entropies are in nats, k_B = 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from mpmath import mp

from symtherm.errors import NotUnique, OutOfDomain
from symtherm.numeric.generator import (
    Entries,
    NumericGenerator,
    accumulate,
    apply_dissipator,
    check_hermitian,
    columns_of,
    coordinates_of,
    dissipate,
    from_matrix,
    merged,
    product,
    state_of,
    superoperator,
    trace_product,
)
from symtherm.numeric.propagate import (
    connected_blocks,
    limit,
    propagate,
    rank_of,
    reach_of,
    to_real,
)

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

Energies = Entries | Mapping[str, Entries]  # one operator for all baths, or one per label


def _target_bits(digits: int) -> int:
    return ceil(digits * 3.3220) + 8


# --- the steady state ---------------------------------------------------------------------------


def steady_state(gen: NumericGenerator, digits: int = 50) -> Any:
    """The density matrix with L(pi) = 0, as an mpmath matrix.

    pi = lim e^(tL) 1/d by repeated squaring on each connected block of coordinates, absolute
    error below 10^-digits in every entry. Guard digits follow the stiffness found, so rates
    may spread over tens of decades.

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
    target = _target_bits(digits)
    with mp.workprec(target + 128):
        columns = columns_of(gen)
        reach = reach_of(columns)
        coordinates: list[Any] = [mp.zero] * (d * d)
        rank = 0
        for block in connected_blocks(columns):
            populations = [k for k, node in enumerate(block) if node < d]
            # Each block with populations conserves their sum, so its rank is at least 1. A block
            # of coherences alone has limit 0 if pi is unique, and only that has to be seen.
            if populations:
                found = limit(columns, block, target, reach, 1)
            else:
                found = limit(columns, block, 24, reach, 0)
            if found is None:
                raise _not_unique("coherences that oscillate forever")
            matrix, bits = found
            rank += rank_of(matrix, bits)
            if rank > 1:
                raise _not_unique("a limit projector of rank above one")
            if populations:
                for node, row in zip(block, matrix, strict=True):
                    total = sum(row[k] for k in populations)
                    coordinates[node] = to_real(total, bits) / len(populations)
        norm = mp.fsum(coordinates[:d])
        state = state_of([c / norm for c in coordinates], d)
    with mp.workprec(target):
        return state.apply(lambda entry: +entry)


def _not_unique(found: str) -> NotUnique:
    return NotUnique(
        "the steady state of a generator",
        found=found,
        advice="couple the disconnected sectors, or evolve from the initial state of interest",
    )


# --- evolution ----------------------------------------------------------------------------------


def _evolved(gen: NumericGenerator, rho0: Any, t: Any, digits: int) -> tuple[list[Any], list[Any]]:
    """Coordinates of rho(t) and of the mean state (1/t) int_0^t rho ds."""
    if t < 0:
        raise OutOfDomain("evolution", found=f"t = {t}", advice="choose t >= 0")
    target = _target_bits(digits)
    with mp.workprec(target + 128):
        start = coordinates_of(rho0, gen.dimension, mp.ldexp(1, -target))
        return propagate(columns_of(gen), start, t, target)


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
    final, _ = _evolved(gen, rho0, t, digits)
    with mp.workdps(digits + 3):
        return state_of([+c for c in final], gen.dimension)


# --- thermodynamics -----------------------------------------------------------------------------


def energy_current(gen: NumericGenerator, rho: Any, label: str, energy: Entries) -> Any:
    """J_label = Tr[E D_label(rho)]: heat per unit time from the bath into the system (mpf).

    Evaluated at the ambient mpmath precision. Raises NotHermitian for ``energy``.

    >>> from mpmath import mp, mpf
    >>> gen = NumericGenerator((), (("c", mpf(3), (((0, 1), mpf(1)),)),), 2)
    >>> print(energy_current(gen, mp.matrix([[0, 0], [0, 1]]), "c", (((1, 1), mpf(2)),)))
    -6.0
    """
    check_hermitian(energy, "an energy operator")
    return mp.re(trace_product(merged(energy), dissipate(gen, label, from_matrix(rho))))


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
    check_hermitian(energy, "an energy operator")
    state, hamiltonian = from_matrix(rho), merged(gen.hamiltonian)
    commutator = product(hamiltonian, state)
    accumulate(commutator, -1, product(state, hamiltonian))
    return mp.im(trace_product(merged(energy), commutator))


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
        values, _ = mp.eighe(rho)
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
    energy: Energies,
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
    final, mean = _evolved(gen, rho0, t, guard)
    d = gen.dimension
    with mp.workdps(guard + 4):
        integrated = state_of([c * t for c in mean], d)
        total = von_neumann_entropy(state_of(final, d), digits + 3)
        total -= von_neumann_entropy(rho0, digits + 3)
        for label in gen.labels:
            if label in beta:
                total -= beta[label] * energy_current(gen, integrated, label, _of(energy, label))
    with mp.workdps(digits):
        return +total


def entropy_production_rate(
    gen: NumericGenerator,
    rho: Any,
    energy: Energies,
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
        values, vectors = mp.eighe(rho)
        if min(values) <= mp.mpf(10) ** -(digits + 4):
            raise OutOfDomain(
                "the logarithm of a state",
                found=f"the eigenvalue {mp.nstr(min(values), 5)}",
                advice="pass a state of full rank",
            )
        logarithm = from_matrix(
            vectors * mp.diag([mp.log(value) for value in values]) * vectors.transpose_conj()
        )
        state = from_matrix(rho)
        total = mp.zero
        for label in gen.labels:
            flow = dissipate(gen, label, state)
            total -= mp.re(trace_product(logarithm, flow))
            if label in beta:
                total -= beta[label] * mp.re(trace_product(merged(_of(energy, label)), flow))
    with mp.workdps(digits):
        return +total


def _of(energy: Energies, label: str) -> Entries:
    return energy[label] if isinstance(energy, Mapping) else energy
