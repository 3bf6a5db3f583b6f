"""Ledgers and models as input of an evaluator: their shortest exact forms, named step by step.

Heats, currents, power and entropy production come in the structured form of the ledger (an
effective rate times a difference of occupations over a sum of positive terms), populations from
the subtraction-free elimination of :mod:`symtherm.dynamics.network` where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symtherm.dynamics.generator import Trait
from symtherm.dynamics.network import Network, population_network
from symtherm.exact.program import Program
from symtherm.numeric.precise import Clamped, Force, Inverse
from symtherm.numeric.tape import Tape
from symtherm.thermo.ledger import Ledger

__all__ = ["appended", "ledger_forms"]

SHORT = 100  # terms up to which a closed form is a shorter program than the elimination


def ledger_forms(
    book: Ledger, names: Sequence[str]
) -> tuple[dict[str, Any], list[tuple[Any, Any]], Program | None]:
    """(outputs, definitions, program) of quantities of a ledger.

    Where the state is a straight-line program the outputs are its leaves, and the program, with
    its outputs numbered as ``names``, is to be appended to their tape.

    >>> from symtherm import model
    >>> outputs, chain, _ = ledger_forms(model("two-bath-qubit").ledger, ["heat[h]"])
    >>> [str(symbol) for symbol, _ in chain], outputs["heat[h]"].free_symbols >= {chain[0][0]}
    (['n_c', 'n_h'], True)
    """
    state, space = book.state, book.generator.space
    outputs: dict[str, Any] = {}
    letters = [(x.symbol, x.explicit) for x in state.letters]
    if book.expansion is None:
        program = book.program_of(names)
        outputs = {str(k): state.readable(f, book.alphabet) for k, f in enumerate(program.leaves)}
        used = state.structured(*outputs.values())
        return outputs, [*letters, *((d.symbol, d.expr) for d in used)], program
    chain: list[tuple[Any, Any]] = []
    wanted = any(name.startswith("population[") or _size(book, name) > SHORT for name in names)
    network = population_network(state) if wanted else None
    values: list[Any] = []
    leaves: list[Any] = []
    inverse: dict[int, Any] = {}
    if network is not None:
        leaves = list(network.leaves.values())
        for k, (operation, a, b) in enumerate(network.program.steps):
            if operation == "in":
                values.append(network.leaves[a])
                continue
            x, y = values[a], values[b]
            symbol = sympy.Symbol(f" step{k}", positive=True)
            if operation == "/":  # the elimination divides by few different sums
                if b not in inverse:
                    inverse[b] = sympy.Symbol(f" inverse{b}", positive=True)
                    chain.append((inverse[b], Inverse(y)))
                chain.append((symbol, x * inverse[b]))
            else:
                chain.append((symbol, x + y if operation == "+" else x * y))
            values.append(symbol)
    J = None if network is None else _bridge_current(network, values)
    for name in names:
        if network is not None and name.startswith("population["):
            node = network.program.outputs.get(space.index(name[len("population[") : -1]))
            outputs[name] = sympy.Integer(0) if node is None else values[node]
            continue
        factor = None
        if network is not None and J is not None and _size(book, name) > SHORT:
            factor = network.multiple(book.fraction(name), book.alphabet, state)
        outputs[name] = book.readable(name) if factor is None else factor * J
    lawful = not book.failure and Trait.GKLS in book.generator.traits
    if lawful and "entropy_production" in outputs:
        outputs["entropy_production"] = Clamped(outputs["entropy_production"])
    used = state.structured(*outputs.values(), *leaves)
    return outputs, [*letters, *((d.symbol, d.expr) for d in used), *chain], None


OPERATIONS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}


def appended(tape: Tape, program: Program, leaves: Sequence[int]) -> list[int]:
    """The positions of a program's outputs on a tape that holds its leaves.

    The steps are the elimination's own, with its subtractions: unlike the forms of an expanded
    ledger they are not arranged for accuracy, and a current near equilibrium loses the digits by
    which it is smaller than the rates that cancel in it.
    """
    place: list[int] = []
    for operation, a, b in program.steps:
        if operation == "in":
            place.append(leaves[a])
        else:
            place.append(tape.apply(OPERATIONS[operation], place[a], place[b]))
    zero = tape.constant(0.0)
    return [zero if node is None else place[node] for node in program.outputs.values()]


def _size(book: Ledger, name: str) -> int:
    value = book.fraction(name)
    return len(value.num) + len(value.den)


def _bridge_current(network: Network, values: list[Any]) -> Any | None:
    """J of :mod:`symtherm.dynamics.network`."""
    if network.ends is None:
        return None
    nodes = [network.program.outputs[k] for k in (*network.ends, -1, -2, -3)]
    a, b, to_a, to_b, W = (values[node] for node in nodes if node is not None)
    return W * (a + b) * Force(to_a, to_b, network.affinity) / (to_a + to_b + 2 * W)
