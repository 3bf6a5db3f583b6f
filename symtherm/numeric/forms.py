"""Ledgers, states and programs as input of an evaluator: exact forms, named step by step.

Heats, currents, power and entropy production come in the structured form of the ledger (an
effective rate times a difference of occupations over a sum of positive terms), populations from
the subtraction-free elimination of :mod:`symtherm.dynamics.network` where there is one.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from symtherm.dynamics.generator import Trait
from symtherm.dynamics.network import Network, population_network
from symtherm.dynamics.reading import is_long
from symtherm.dynamics.steady import SteadyState
from symtherm.dynamics.structure import Definition
from symtherm.errors import DimensionMismatch, UnknownQuantity, choices
from symtherm.exact.program import Program
from symtherm.numeric.precise import Clamped, Force, Inverse
from symtherm.quantum.superoperator import coordinates
from symtherm.thermo.ledger import Ledger
from symtherm.thermo.model import Model

__all__ = ["ledger_forms", "program_forms", "state_forms"]

_OPERATIONS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
SHORT = 100  # terms up to which a closed form is a shorter program than the elimination


def opened(
    outputs: Any, quantities: Sequence[str] | None, leaves: Sequence[Any]
) -> tuple[Any, list[tuple[Any, Any]], list[Any]]:
    """(outputs, definitions, parameters) of what an evaluator is made of; expressions as they are.

    Raises UnknownQuantity, and DimensionMismatch for a program without its leaves.

    >>> opened(sympy.Integer(1), None, ())
    (1, [], [])
    """
    if isinstance(outputs, (Ledger, Model)):
        book = outputs if isinstance(outputs, Ledger) else outputs.ledger
        symbols = sorted(book.generator.free_symbols | book.energy.free_symbols, key=str)
        known = symbols if isinstance(outputs, Ledger) else list(outputs.parameters)
        return *ledger_forms(book, quantities or book.quantities), known
    if isinstance(outputs, SteadyState):
        known = sorted(outputs.generator.free_symbols, key=str)
        found, chain = state_forms(outputs)
    elif isinstance(outputs, Program):
        if len(leaves) != len(outputs.leaves):
            raise DimensionMismatch(
                f"A program of {len(outputs.leaves)} leaves",
                found=f"{len(leaves)} expressions",
                advice="give the expression of every leaf: evaluator(program, leaves=[...])",
            )
        known = []
        found, chain = program_forms(outputs, leaves)
    else:
        return outputs, [], []
    for name in quantities or ():
        if name not in found:
            raise UnknownQuantity(
                f"The quantity {name!r}", found="no quantity of this name",
                advice=choices(name, found),
            )  # fmt: skip
    return {name: found[name] for name in quantities or found}, chain, known


def ledger_forms(
    book: Ledger, names: Sequence[str]
) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    """(outputs, definitions) of quantities of a ledger.

    >>> from symtherm import model
    >>> outputs, chain = ledger_forms(model("two-bath-qubit").ledger, ["heat[h]"])
    >>> [str(symbol) for symbol, _ in chain], outputs["heat[h]"].free_symbols >= {chain[0][0]}
    (['n_c', 'n_h'], True)
    """
    if book.expansion is None:
        # A state that is a program: so are its currents. Their steps are the elimination's own,
        # with its subtractions: a current near equilibrium loses the digits by which it is smaller
        # than the rates that cancel in it.
        program = book.program_of(names)
        found, steps = program_forms(program, [_explicit(book, f) for f in program.leaves])
        return dict(zip(names, found.values(), strict=True)), steps
    if book.state.vocabulary != "occupations":
        # Differences of rates, such as k_1 k_2 - k_3 k_4, hide the force that n_h - n_c shows.
        book = book.in_terms_of("occupations")
    state, space = book.state, book.generator.space
    # N - M + 1/2 of a squeezed bath cancels; the explicit forms do not.
    squeezed = any(x.kind == "variance" for x in state.letters)
    outputs: dict[str, Any] = {}
    chain: list[tuple[Any, Any]] = []
    wanted = any(name.startswith("population[") or _size(book, name) > SHORT for name in names)
    network = population_network(state) if wanted else None
    values: list[Any] = []
    leaves: list[Any] = []
    if network is not None:
        leaves = list(network.leaves.values())
        values = _assigned(network.program, network.leaves, chain)
    J = None if network is None else _bridge_current(network, values)
    # Beyond a thousand terms the elimination is a hundred times shorter; for its digits see above.
    too_long = any(is_long(book.fraction(name)) for name in names)
    eliminated: list[str] = []
    for name in names:
        if network is not None and name.startswith("population["):
            node = network.program.outputs.get(space.index(name[len("population[") : -1]))
            outputs[name] = sympy.Integer(0) if node is None else values[node]
            continue
        factor = None
        if network is not None and J is not None and _size(book, name) > SHORT:
            factor = network.multiple(book.fraction(name), book.alphabet, state)
        if factor is not None:
            outputs[name] = factor * J
        elif too_long and _size(book, name) > SHORT:
            eliminated.append(name)
        elif squeezed:
            outputs[name] = state.explicit(book.fraction(name), book.alphabet)
        else:
            outputs[name] = book.readable(name)
    if eliminated:
        program = book.program_of(eliminated)
        given = {k: _explicit(book, f) for k, f in enumerate(program.leaves)}
        steps = _assigned(program, given, chain, shares=False, name=" flow")
        for name, node in zip(eliminated, program.outputs.values(), strict=True):
            outputs[name] = sympy.Integer(0) if node is None else steps[node]
    lawful = not book.failure and Trait.GKLS in book.generator.traits
    if lawful and "entropy_production" in outputs:
        outputs["entropy_production"] = Clamped(outputs["entropy_production"])
    used = state.structured(*outputs.values(), *leaves)
    return {n: outputs[n] for n in names}, [*_definitions(state, used), *chain]


def _assigned(
    program: Program,
    leaves: Mapping[int, Any],
    chain: list[tuple[Any, Any]],
    shares: bool = True,
    name: str = " step",
) -> list[Any]:
    """The value of every step, named in ``chain``; with ``shares`` no division is by zero."""
    values: list[Any] = []
    inverse: dict[int, Any] = {}
    for k, (operation, a, b) in enumerate(program.steps):
        if operation == "in":
            values.append(leaves[a])
            continue
        x, y = values[a], values[b]
        symbol = sympy.Symbol(f"{name}{k}", positive=True if shares else None)
        if operation == "/" and shares:  # the elimination divides by few different sums
            if b not in inverse:
                inverse[b] = sympy.Symbol(f" inverse{b}", positive=True)
                chain.append((inverse[b], Inverse(y)))
            chain.append((symbol, x * inverse[b]))
        else:
            chain.append((symbol, _OPERATIONS[operation](x, y)))
        values.append(symbol)
    return values


def state_forms(state: SteadyState) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    """(outputs, definitions) of a steady state, expanded or not, by its straight-line program.

    Outputs are ``population[a]``, ``re[a,b]`` and ``im[a,b]``, the parts of <a|pi|b> in
    ``state.frame``; entries that vanish identically are left out.

    >>> from symtherm import model
    >>> list(state_forms(model("three-level-maser").steady_state)[0])
    ['population[g]', 'population[l]', 'population[u]', 're[l,u]', 'im[l,u]']
    """
    outputs: dict[str, Any] = {}
    chain: list[tuple[Any, Any]] = []
    levels = state.generator.space.levels
    names = coordinates(len(levels))
    leaves = {k: _explicit(state, f) for k, f in enumerate(state.program.leaves)}
    values = _assigned(state.program, leaves, chain, shares=False)
    for k, node in sorted(state.program.outputs.items()):
        i, j, part = names[k]
        key = f"population[{levels[i]}]" if i == j else f"{part}[{levels[i]},{levels[j]}]"
        if node is not None:
            outputs[key] = values[node]
    network = population_network(state)
    if network is not None:  # populations to full relative accuracy
        values = _assigned(network.program, network.leaves, chain, name=" share")
        for k, node in network.program.outputs.items():
            if k >= 0 and node is not None:
                outputs[f"population[{levels[k]}]"] = values[node]
    used = () if network is None else state.structured(*network.leaves.values())
    return outputs, [*_definitions(state, used), *chain]


def program_forms(
    program: Program, leaves: Sequence[Any]
) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    """(outputs, definitions) of a straight-line program whose leaves have these expressions.

    >>> x = sympy.Symbol("x")
    >>> steps = (("in", 0, 0), ("*", 0, 0), ("-", 1, 0))
    >>> program_forms(Program(steps, (), {0: 2, 1: None}), [x])[0]
    {'0':  step2, '1': 0}
    """
    chain: list[tuple[Any, Any]] = []
    values = _assigned(program, dict(enumerate(leaves)), chain, shares=False)
    outputs = {
        str(k): sympy.Integer(0) if node is None else values[node]
        for k, node in program.outputs.items()
    }
    return outputs, chain


def _definitions(state: SteadyState, used: Sequence[Definition]) -> list[tuple[Any, Any]]:
    """What letters of composite rates mean, where they are not defined by others, and the rest."""
    named = {d.symbol for d in used}
    letters = [(x.symbol, x.explicit) for x in state.letters if x.symbol not in named]
    return [*letters, *((d.symbol, d.expr) for d in used)]


def _explicit(owner: SteadyState | Ledger, value: Any) -> Any:
    """A leaf of the program of a state or a ledger in the parameters alone."""
    state = owner.state if isinstance(owner, Ledger) else owner
    space = owner.alphabet
    if any(x.kind == "variance" for x in state.letters):
        return state.explicit(value, space)
    return state.expand(space.poly_expr(value.num) / space.poly_expr(value.den))


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
