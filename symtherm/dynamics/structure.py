"""The readable names of a steady state: occupations, decay rates and effective rates.

Coherences are eliminated first, as a physicist would: with the populations p and the coherences c
of one block, p' = A p + B c and 0 = C p + D c give p' = (A - B D^-1 C) p. The off-diagonal entries
of W = -B D^-1 C are effective rates between levels (of either sign in general), named W_ij.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.exact.alphabet import Alphabet, lift
from symtherm.exact.bareiss import echelon
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.rewrite import extend
from symtherm.exact.writer import readable
from symtherm.quantum.superoperator import coordinates

__all__ = ["Definition", "definitions", "occupation_definitions"]

# Beyond this many coherences in the block of the populations their elimination is not named.
COHERENCE_LIMIT = 6


@dataclass(frozen=True, slots=True)
class Definition:
    """A named quantity: ``symbol = expr``, where expr may use earlier symbols.

    ``explicit`` is the same in the parameters alone; ``kind`` is occupation, decay, rate or state;
    ``atom`` is the alphabet's own spelling of an occupation.
    """

    symbol: Symbol
    expr: Expr
    meaning: str
    kind: str = "state"
    explicit: Expr = sympy.Integer(0)
    atom: Expr = sympy.Integer(0)


def _fresh(name: str, taken: set[str]) -> Symbol:
    while name in taken:
        name += "'"
    taken.add(name)
    return Symbol(name, positive=True)


def occupation_definitions(generator: Generator, space: Alphabet) -> tuple[Definition, ...]:
    """A symbol for every occupation of the alphabet: n_h, f_l, numbered where a bath has several."""
    taken = {s.name for s in generator.free_symbols}
    labels: dict[Expr, list[tuple[str, Expr]]] = {}
    for pair in generator.pairs:
        for atom in space.atoms:
            if atom.kind == "occupation" and space.fraction(pair.exponent) == space.fraction(
                atom.exponent
            ):
                members = labels.setdefault(atom.expr, [])
                entry = (pair.bath.label, pair.frequency)
                if entry not in members:
                    members.append(entry)
    shared: dict[str, int] = {}
    for members in labels.values():
        shared[members[0][0]] = shared.get(members[0][0], 0) + 1
    used: dict[str, int] = {}
    result = []
    for number, atom in enumerate(a for a in space.atoms if a.kind == "occupation"):
        letter = {"bose": "n", "fermi": "f", "boltzmann": "x"}[atom.chart]
        entry_list = labels.get(atom.expr)
        if entry_list:
            label, frequency = entry_list[0]
            suffix = ""
            if shared[label] > 1:
                used[label] = used.get(label, 0) + 1
                suffix = str(used[label])
            symbol = _fresh(f"{letter}_{label}{suffix}", taken)
            what = "occupation of" if letter != "x" else "Boltzmann factor of"
            meaning = f"{what} bath {', '.join(dict.fromkeys(m[0] for m in entry_list))} at {frequency}"
        else:
            symbol = _fresh(f"{letter}_{number}", taken)
            meaning = f"occupation at exponent {atom.exponent}"
        result.append(
            Definition(symbol, atom.expr, meaning, "occupation", atom.expr, atom.expr)
        )
    return tuple(result)


def definitions(
    generator: Generator,
    space: Alphabet,
    matrix: SparseMatrix,
    blocks: Sequence[Sequence[int]],
) -> tuple[Definition, ...]:
    """Occupations, decay rates of the coherences coupled to populations, and effective rates."""
    result = list(occupation_definitions(generator, space))
    taken = {s.name for s in generator.free_symbols} | {d.symbol.name for d in result}
    table = {d.atom: d.symbol for d in result}
    dim = generator.space.dim
    levels = generator.space.levels
    names = coordinates(dim)
    for block in blocks:
        populations = [k for k in block if k < dim]
        coherences = [k for k in block if k >= dim]
        if not populations or not coherences or len(coherences) > COHERENCE_LIMIT:
            continue
        decays: dict[int, Definition] = {}
        made: dict[Fraction, Definition] = {}
        for k in coherences:
            value = -matrix.entries.get((k, k), Fraction.of(space.base, 0))
            if not value:
                continue
            if value not in made:
                i, j, _ = names[k]
                symbol = _fresh(f"Gamma_{levels[i]}{levels[j]}", taken)
                written = [table.get(a.expr, a.expr) for a in space.atoms]
                made[value] = Definition(
                    symbol,
                    readable(space, value, written),
                    f"decay rate of the coherence between {levels[i]} and {levels[j]}",
                    "decay",
                    readable(space, value),
                )
            decays[k] = made[value]
        larger = extend(space, [d.symbol for d in made.values()])
        effective = _effective(matrix, space, larger, populations, coherences, decays)
        rates: list[Definition] = []
        seen: list[Fraction] = []
        shown = [table.get(a.expr, a.expr) for a in larger.atoms]
        for (i, j), value in effective.items():
            if value in seen:
                continue
            seen.append(value)
            symbol = _fresh(f"W_{levels[i]}{levels[j]}", taken)
            expr = readable(larger, value, shown)
            explicit = expr.xreplace({d.symbol: d.explicit for d in made.values()})
            explicit = explicit.xreplace({d.symbol: d.atom for d in result})
            arrows = "between" if effective.get((j, i)) == value else "to the first from the second of"
            rates.append(
                Definition(
                    symbol,
                    expr,
                    f"effective rate {arrows} {levels[i]} and {levels[j]}",
                    "rate",
                    explicit,
                )
            )
        used = set().union(*(r.expr.free_symbols for r in rates)) if rates else set()
        result += [d for d in made.values() if d.symbol in used] + rates
    return tuple(result)


def _effective(
    matrix: SparseMatrix,
    space: Alphabet,
    larger: Alphabet,
    populations: Sequence[int],
    coherences: Sequence[int],
    decays: dict[int, Definition],
) -> dict[tuple[int, int], Fraction]:
    """The off-diagonal entries of -B D^-1 C with the decay rates as symbols; {} if D is singular."""
    zero = Fraction.of(larger.base, 0)

    def entry(row: int, column: int) -> Fraction:
        if row == column and row in decays:
            return -larger.fraction(decays[row].symbol)
        value = matrix.entries.get((row, column))
        return zero if value is None else lift(value, space, larger)

    n = len(coherences)
    # Gauss-Jordan on [D | C]; the pivots must all lie in D.
    entries = {}
    for r, row in enumerate(coherences):
        for c, column in enumerate((*coherences, *populations)):
            value = entry(row, column)
            if value:
                entries[r, c] = value
    size = n + len(populations)
    square = SparseMatrix(larger.base, size, {k: v for k, v in entries.items() if k[1] < n})
    _, pivots = echelon(square)
    if len(pivots) < n:
        return {}
    solution = _solve(larger, entries, n, len(populations))
    result: dict[tuple[int, int], Fraction] = {}
    for i in populations:
        for b, j in enumerate(populations):
            if i == j:
                continue
            total = zero
            for k, coherence in enumerate(coherences):
                total = total - entry(i, coherence) * solution[k][b]
            if total:
                result[i, j] = total
    return result


def _solve(
    larger: Alphabet, entries: dict[tuple[int, int], Fraction], n: int, columns: int
) -> list[list[Fraction]]:
    """X with D X = C, by elimination in the field of fractions."""
    zero = Fraction.of(larger.base, 0)
    rows = [[entries.get((r, c), zero) for c in range(n + columns)] for r in range(n)]
    for k in range(n):
        pivot = next(r for r in range(k, n) if rows[r][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        head = rows[k][k]
        rows[k] = [v / head if v else v for v in rows[k]]
        for r in range(n):
            if r != k and rows[r][k]:
                factor = rows[r][k]
                rows[r] = [
                    v - factor * w if w else v for v, w in zip(rows[r], rows[k], strict=True)
                ]
    return [row[n:] for row in rows]
