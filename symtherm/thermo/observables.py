"""Currents as observables, and as linear functions of the coordinates of the state.

Every current of a ledger is Tr(X rho) with a Hermitian X that does not depend on the state:

    heat[a]     X = D_a^+(E) - mu_a D_a^+(N),        current[a]  X = D_a^+(N),
    power       X = i [H, E] + sum_a mu_a D_a^+(N),

with D^+ the Heisenberg form of a dissipator. So a state that is a straight-line program has
currents that are programs, a few steps longer.

The first law is an identity between these observables. Their sum over heats and power is L^+(E),
so sum_a heat[a] + power = Tr[E L(rho)] for every rho, which is zero where L(rho) = 0. That is
proved coordinate by coordinate (:func:`unbalanced`) and needs no expansion of the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.phases import Frame
from symtherm.dynamics.steady import SteadyState
from symtherm.exact.alphabet import Alphabet, lift
from symtherm.exact.complex import add, multiply, pair, scale
from symtherm.exact.extend import Extension
from symtherm.exact.fraction import Fraction
from symtherm.exact.program import Program
from symtherm.quantum.superoperator import (
    PairMatrix,
    adjoint_dissipator,
    coordinates,
    matrix_product,
    pair_matrix,
)

__all__ = ["flow_observables", "flow_program", "linear_form", "unbalanced"]


def _plus(a: PairMatrix, b: PairMatrix, factor: Fraction | int = 1) -> PairMatrix:
    total = dict(a)
    for key, value in b.items():
        value = scale(value, factor)
        total[key] = add(total[key], value) if key in total else value
    return total


def flow_observables(
    space: Alphabet, generator: Generator, energy: PairMatrix, number: PairMatrix | None
) -> dict[str, PairMatrix]:
    """The observables of all heats, of the power, and of the particle currents of leads.

    >>> from symtherm import model
    >>> sorted(model("qubit").ledger.observables)
    ['heat[b]', 'power']
    """
    found: dict[str, PairMatrix] = {}
    currents: dict[str, PairMatrix] = {}
    H = pair_matrix(space, generator.hamiltonian)
    # i [H, E]: the entry (a, b) of H E - E H times i.
    change = _plus(matrix_product(H, energy), matrix_product(energy, H), -1)
    work: PairMatrix = {key: (-im, re) for key, (re, im) in change.items()}
    for d in generator.dissipators:
        jumps = [(pair_matrix(space, j.operator), space.fraction(j.rate)) for j in d.jumps]
        heat = adjoint_dissipator(jumps, energy)
        if number is not None and d.bath is not None:
            current = adjoint_dissipator(jumps, number)
            if d.bath.statistics == "fermi":
                currents[f"current[{d.label}]"] = current
            if d.bath.mu != 0:
                mu = space.fraction(d.bath.mu)
                heat = _plus(heat, current, -mu)
                work = _plus(work, current, mu)
        found[f"heat[{d.label}]"] = heat
    return {**found, "power": work, **currents}


def linear_form(
    space: Alphabet, frame: Frame, observable: PairMatrix, places: Iterable[int]
) -> dict[int, Fraction]:
    """Tr(X rho) of a Hermitian X as coefficients of the coordinates ``places`` of rho.

    With rho_ij = u (x + i y) in the frame (u = ``frame.turn``), X_ij rho_ji + X_ji rho_ij is
    2 Re(X_ji u) x - 2 Im(X_ji u) y. Coefficients that are zero are left out.
    """
    names = coordinates(len(frame.phases))
    found: dict[int, Fraction] = {}
    for k in places:
        i, j, part = names[k]
        value = observable.get((j, i))
        if value is None:
            continue
        if part and frame.phases[i] != frame.phases[j]:
            value = multiply(value, pair(space, frame.turn(i, j)))
        coefficient = value[0] if not part else 2 * value[0] if part == "re" else -2 * value[1]
        if coefficient:
            found[k] = coefficient
    return found


def flow_program(
    state: SteadyState,
    space: Alphabet,
    observables: Mapping[str, PairMatrix],
    names: Sequence[str],
) -> Program:
    """The program of quantities of a ledger, its outputs numbered as ``names``.

    Its leaves are fractions over ``space``. An output is None where it is zero by structure.
    """
    source = state.program
    more = Extension(source, [lift(leaf, state.alphabet, space) for leaf in source.leaves])

    def flow(name: str) -> int | None:
        form = linear_form(space, state.frame, observables[name], source.outputs)
        terms = ((c, source.outputs[k]) for k, c in form.items())
        return more.combination((c, node) for c, node in terms if node is not None)

    outputs: dict[int, int | None] = {}
    for k, name in enumerate(names):
        if name.startswith("population["):
            i = state.generator.space.index(name[len("population[") : -1])
            outputs[k] = source.outputs.get(i)
        elif name == "entropy_production":
            parts = [
                (-1 / space.fraction(d.bath.T), flow(f"heat[{d.label}]"))
                for d in state.named.dissipators
                if d.bath is not None
            ]
            outputs[k] = more.combination((c, node) for c, node in parts if node is not None)
        elif name.startswith("efficiency["):
            label = name[len("efficiency[") : -1]
            power, heat = flow("power"), flow(f"heat[{label}]")
            if power is None or heat is None:
                outputs[k] = None
            else:
                minus = more.step("*", more.leaf(Fraction.of(space.base, -1)), power)
                outputs[k] = more.step("/", minus, heat)
        else:
            outputs[k] = flow(name)
    return more.program(outputs).pruned()


def unbalanced(
    state: SteadyState, space: Alphabet, observables: Mapping[str, PairMatrix], energy: PairMatrix
) -> list[Fraction]:
    """What of sum_a heat[a] + power - Tr[E L(rho)] is not zero, coordinate by coordinate.

    Empty iff the first law holds for every stationary state: an exact identity between the
    coefficients, in normal form.
    """
    places = range(state.matrix.size)
    total: dict[int, Fraction] = {}
    for name, observable in observables.items():
        if name == "power" or name.startswith("heat["):
            for k, c in linear_form(space, state.frame, observable, places).items():
                total[k] = total[k] + c if k in total else c
    weights = linear_form(space, state.frame, energy, places)
    known: dict[Fraction, Fraction] = {}
    for (r, k), entry in state.matrix.entries.items():
        if r in weights:
            if entry not in known:
                known[entry] = lift(entry, state.alphabet, space)
            change = -weights[r] * known[entry]
            total[k] = total[k] + change if k in total else change
    return [value for value in total.values() if value]
