"""Straight-line programs: closed forms that are never expanded.

An expanded null vector of a complete network has N^(N - 1) terms; the elimination that produces it
has N^3 steps. A :class:`Program` records the steps (+, -, *, / with shared results) and is the
closed form: it is evaluated exactly at rational points, modulo primes, or as assignments.

Zero tests while recording: every node carries its value at a random point modulo a prime. A value
that is nonzero proves the node nonzero; one that is zero is taken for a structural zero only where
the node is the exact constant 0, so nothing is dropped by chance, and a pivot is only used when its
value is nonzero, which is a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symtherm.errors import NotUnique
from symtherm.exact.fraction import Fraction, Poly, Ring
from symtherm.exact.matrix import SparseMatrix, modular_point, modular_value

__all__ = ["Builder", "Program", "null_program"]

# (operation, left, right): "in" reads leaf ``left``; otherwise both are node numbers.
Step = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Program:
    """``steps`` in order, the ``leaves`` they read, and the node of each output.

    ``outputs`` maps an index of the matrix to its node, or to None for an exact zero.
    """

    steps: tuple[Step, ...]
    leaves: tuple[Fraction, ...]
    outputs: Mapping[int, int | None]

    def __len__(self) -> int:
        return len(self.steps)

    def run(self, leaf: Callable[[Fraction], Any]) -> dict[int, Any]:
        """The outputs when a leaf has the value ``leaf(fraction)`` (numbers with + - * /).

        Raises ZeroDivisionError where a pivot vanishes at the point.
        """
        return self.run_on([leaf(f) for f in self.leaves])

    def run_on(self, inputs: Sequence[Any]) -> dict[int, Any]:
        """The same with the values of the leaves given in their order."""
        values: list[Any] = []
        for operation, a, b in self.steps:
            if operation == "in":
                values.append(inputs[a])
            elif operation == "+":
                values.append(values[a] + values[b])
            elif operation == "-":
                values.append(values[a] - values[b])
            elif operation == "*":
                values.append(values[a] * values[b])
            else:
                values.append(values[a] / values[b])
        return {k: 0 if n is None else values[n] for k, n in self.outputs.items()}

    def pruned(self) -> Program:
        """The same outputs by the steps that they depend on.

        >>> steps = (("in", 0, 0), ("in", 1, 0), ("*", 0, 0))
        >>> len(Program(steps, (), {0: 2}).pruned())
        2
        """
        alive: set[int] = set()
        stack = [n for n in self.outputs.values() if n is not None]
        while stack:
            node = stack.pop()
            if node not in alive:
                alive.add(node)
                operation, a, b = self.steps[node]
                if operation != "in":
                    stack += [a, b]
        number = {old: new for new, old in enumerate(sorted(alive))}
        steps = tuple(
            step if step[0] == "in" else (step[0], number[step[1]], number[step[2]])
            for step in (self.steps[old] for old in number)
        )
        outputs = {k: None if n is None else number[n] for k, n in self.outputs.items()}
        return Program(steps, self.leaves, outputs)


class Builder:
    """Records steps; equal steps are recorded once (value numbering)."""

    def __init__(self, base: Ring, seed: int = 7) -> None:
        self.point = modular_point(base, seed)
        self.prime = self.point.prime
        self.steps: list[Step] = []
        self.values: list[int] = []
        self.leaves: list[Fraction] = []
        self.known: dict[Step, int] = {}
        self.leaf_numbers: dict[tuple[str, str], int] = {}

    def leaf(self, value: Fraction) -> int:
        key = str(value.num), str(value.den)
        number = self.leaf_numbers.get(key)
        if number is None:
            number = self.leaf_numbers[key] = len(self.leaves)
            self.leaves.append(value)
        residue = (
            self._modular(value.num) * pow(self._modular(value.den), -1, self.prime) % self.prime
        )
        return self._record(("in", number, 0), residue)

    def _modular(self, poly: Poly) -> int:
        return modular_value(poly, self.point)

    def _record(self, step: Step, value: int) -> int:
        number = self.known.get(step)
        if number is None:
            number = self.known[step] = len(self.steps)
            self.steps.append(step)
            self.values.append(value)
        return number

    def add(self, a: int, b: int) -> int:
        a, b = min(a, b), max(a, b)
        return self._record(("+", a, b), (self.values[a] + self.values[b]) % self.prime)

    def sub(self, a: int, b: int) -> int:
        return self._record(("-", a, b), (self.values[a] - self.values[b]) % self.prime)

    def mul(self, a: int, b: int) -> int:
        a, b = min(a, b), max(a, b)
        return self._record(("*", a, b), self.values[a] * self.values[b] % self.prime)

    def div(self, a: int, b: int) -> int:
        inverse = pow(self.values[b], -1, self.prime)
        return self._record(("/", a, b), self.values[a] * inverse % self.prime)


def null_program(
    matrix: SparseMatrix,
    redundant: Sequence[int],
    *,
    scaled: bool = False,
    bridge: tuple[int, int, Fraction] | None = None,
) -> Program:
    """A program for the null vector normalised to sum 1 over ``redundant`` (the populations).

    The rows of ``redundant`` must sum to zero. One of them is dropped and its unknown set to 1; the
    rest is eliminated along the diagonal, the node of least fill first, and solved backwards. For a
    rate matrix every diagonal is recomputed as minus the sum of its column (Grassmann, Taksar and
    Heyman, Oper. Res. 33, 1107 (1985)), so that populations come without any subtraction.

    ``scaled`` (networks only) keeps the part of the vector that is known normalised to sum 1 at
    every step of the backward substitution, so that in floating point no ratio of populations
    overflows: with inflow a and outflow b of the next state, it gets a/(a + b) and the others are
    multiplied by b/(a + b).

    ``bridge`` = (a, b, W) (networks only) adds a symmetric rate W between two states after the
    others are eliminated. The reduced rates a <- b and b <- a without W are then the outputs
    -1 and -2, and W is -3.

    Raises NotUnique when no nonzero pivot is left (the kernel is larger than a line).
    """
    builder = Builder(matrix.base)
    rows: dict[int, dict[int, int]] = {i: {} for i in range(matrix.size)}
    columns: dict[int, set[int]] = {i: set() for i in range(matrix.size)}
    for (i, j), value in matrix.entries.items():
        rows[i][j] = builder.leaf(value)
        columns[j].add(i)
    network = len(redundant) == matrix.size
    # The reference keeps its column (the right-hand side) and loses its row.
    reference = max(redundant, key=lambda r: (len(rows[r]), r))
    if not network:
        for j in rows[reference]:
            columns[j].discard(reference)
        rows[reference] = {}
    last: set[int] = set()
    if bridge is not None:
        reference, last = bridge[1], {bridge[0]}
    extra: dict[int, int | None] = {}
    left = set(range(matrix.size)) - {reference}
    order: list[tuple[int, int, dict[int, int]]] = []
    while left:
        k = min(left, key=lambda n: (n in last, len(rows[n]) * len(columns[n]), n))
        if bridge is not None and k in last:
            extra = _bridged(builder, rows, columns, bridge)
        if network:
            pivot = _outflow(builder, k, rows, columns)
        else:
            pivot = rows[k].get(k)
            if pivot is None or not builder.values[pivot]:
                k = _other_pivot(builder, rows, left)
                pivot = rows[k][k]
        if pivot is None:
            raise NotUnique(
                "A steady state as a program", found=f"no rate out of state {k} that is left"
            )
        others = {j: v for j, v in rows[k].items() if j != k}
        order.append((k, pivot, others))
        left.discard(k)
        for i in [i for i in columns[k] if i != k]:
            factor = builder.div(rows[i][k], pivot)
            for j, v in others.items():
                if network and j == i:
                    continue
                step = builder.mul(factor, v)
                old = rows[i].get(j)
                if old is None:
                    rows[i][j] = step if network else _negated(builder, step)
                    columns[j].add(i)
                else:
                    rows[i][j] = builder.add(old, step) if network else builder.sub(old, step)
            del rows[i][k]
        for j in rows[k]:
            columns[j].discard(k)
        columns[k] = set()
    if scaled and network:
        found = _normalised(builder, order, reference, matrix)
        return Program(found.steps, found.leaves, {**found.outputs, **extra})
    return _back_substituted(builder, order, reference, redundant, matrix, network)


def _negated(builder: Builder, node: int) -> int:
    zero = builder.leaf(Fraction.of(builder.leaves[0].base, 0))
    return builder.sub(zero, node)


def _outflow(
    builder: Builder, k: int, rows: dict[int, dict[int, int]], columns: dict[int, set[int]]
) -> int | None:
    """The sum of the rates that leave k (column k without its diagonal)."""
    total: int | None = None
    for i in sorted(columns[k]):
        if i != k:
            total = rows[i][k] if total is None else builder.add(total, rows[i][k])
    return total


def _other_pivot(builder: Builder, rows: dict[int, dict[int, int]], left: set[int]) -> int:
    for k in sorted(left):
        node = rows[k].get(k)
        if node is not None and builder.values[node]:
            return k
    raise NotUnique("A steady state as a program", found="no nonzero pivot on the diagonal")


def _bridged(
    builder: Builder,
    rows: dict[int, dict[int, int]],
    columns: dict[int, set[int]],
    bridge: tuple[int, int, Fraction],
) -> dict[int, int | None]:
    a, b, rate = bridge
    W = builder.leaf(rate)
    reduced = rows[a].get(b), rows[b].get(a)
    for (i, j), old in zip(((a, b), (b, a)), reduced, strict=True):
        rows[i][j] = W if old is None else builder.add(old, W)
        columns[j].add(i)
    return {-1: reduced[0], -2: reduced[1], -3: W}


def _normalised(
    builder: Builder,
    order: list[tuple[int, int, dict[int, int]]],
    reference: int,
    matrix: SparseMatrix,
) -> Program:
    solved = {reference: builder.leaf(Fraction.of(matrix.base, 1))}
    one: int | None = solved[reference]
    for k, pivot, others in reversed(order):
        terms = [(v, solved[j]) for j, v in others.items() if j in solved]
        total: int | None = None
        for v, x in terms:
            term = v if x == one else builder.mul(v, x)
            total = term if total is None else builder.add(total, term)
        if total is None:
            continue
        both = builder.add(total, pivot)
        rest = builder.div(pivot, both)
        solved = {j: rest if x == one else builder.mul(x, rest) for j, x in solved.items()}
        solved[k] = builder.div(total, both)
        one = None
    outputs = {k: solved.get(k) for k in range(matrix.size)}
    return Program(tuple(builder.steps), tuple(builder.leaves), outputs)


def _back_substituted(
    builder: Builder,
    order: list[tuple[int, int, dict[int, int]]],
    reference: int,
    redundant: Sequence[int],
    matrix: SparseMatrix,
    network: bool,
) -> Program:
    one = builder.leaf(Fraction.of(matrix.base, 1))
    solved: dict[int, int | None] = {reference: one}
    for k, pivot, others in reversed(order):
        total: int | None = None
        for j, v in others.items():
            x = solved[j]
            if x is None:
                continue
            term = v if x == one else builder.mul(v, x)
            total = term if total is None else builder.add(total, term)
        if total is None:
            solved[k] = None
        else:
            quotient = builder.div(total, pivot)
            # Network pivots are outflows, minus the diagonal.
            solved[k] = quotient if network else _negated(builder, quotient)
    trace: int | None = None
    for r in redundant:
        x = solved[r]
        if x is not None:
            trace = x if trace is None else builder.add(trace, x)
    assert trace is not None
    outputs = {k: None if n is None else builder.div(n, trace) for k, n in solved.items()}
    return Program(tuple(builder.steps), tuple(builder.leaves), outputs)
