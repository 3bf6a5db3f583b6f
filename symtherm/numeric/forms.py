"""Ledgers and models as input of an evaluator: their shortest exact forms, named step by step.

Heats, currents, power and entropy production come in the structured form of the ledger (an
effective rate times a difference of occupations over a sum of positive terms), populations from
the subtraction-free elimination of :mod:`symtherm.dynamics.network` where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symtherm.dynamics.network import population_program
from symtherm.thermo.ledger import Ledger

__all__ = ["ledger_forms"]


def ledger_forms(
    book: Ledger, names: Sequence[str]
) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    """(outputs, definitions) of quantities of a ledger.

    >>> from symtherm import model
    >>> outputs, chain = ledger_forms(model("two-bath-qubit").ledger, ["heat[h]"])
    >>> [str(symbol) for symbol, _ in chain], outputs["heat[h]"].free_symbols >= {chain[0][0]}
    (['n_h', 'n_c'], True)
    """
    populations = [n for n in names if n.startswith("population[")]
    plain = [n for n in names if n not in populations]
    state, outputs = book.state, {}
    steps: list[tuple[Any, Any]] = []
    leaves: list[Any] = []
    # One population alone is shorter as a closed form of few levels.
    network = population_program(state) if populations else None
    if network is None:
        plain, populations = list(names), []
    else:
        program, texts = network
        leaves = list(texts.values())
        values: list[Any] = []
        for k, (operation, a, b) in enumerate(program.steps):
            if operation == "in":
                values.append(texts[a])
                continue
            x, y = values[a], values[b]
            symbol = sympy.Symbol(f" step{k}", positive=True)
            form = {"+": x + y, "*": x * y, "/": x / y}[operation]
            steps.append((symbol, form))
            values.append(symbol)
        space = book.generator.space
        for name in populations:
            node = program.outputs.get(space.index(name[len("population[") : -1]))
            outputs[name] = sympy.Integer(0) if node is None else values[node]
    readable = {name: book.readable(name) for name in plain}
    chain = [
        (d.symbol, d.expr) for d in state.structured(*readable.values(), *leaves)
    ]
    letters = [(x.symbol, x.explicit) for x in state.letters]
    return {n: readable.get(n, outputs.get(n)) for n in names}, [*letters, *chain, *steps]
