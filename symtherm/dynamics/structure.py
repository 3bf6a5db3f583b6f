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
from symtherm.dynamics.naming import Letter, member
from symtherm.errors import TooLong
from symtherm.exact.alphabet import Alphabet, alphabet, lift
from symtherm.exact.bareiss import echelon
from symtherm.exact.fraction import Fraction, TooLarge
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.rewrite import extend, through_roots
from symtherm.exact.writer import readable
from symtherm.quantum.superoperator import coordinates

__all__ = [
    "Definition",
    "definitions",
    "effective_rates",
    "exponent_definitions",
    "occupation_definitions",
    "root_definitions",
]

# Beyond this many coherences in the block of the populations their elimination is not named.
COHERENCE_LIMIT = 6
ZERO = sympy.Integer(0)


@dataclass(frozen=True, slots=True)
class Definition:
    """A named quantity: ``symbol = expr``, where expr may use earlier symbols.

    ``explicit`` is the same in the parameters alone; ``kind`` is exponent, root, weight (a
    composite rate of a bath), coupling (a composite one), letter (of a vocabulary), squeezing,
    variance, occupation, decay, detuning, rate (an effective one) or state; ``atom`` is the
    alphabet's own spelling of a root or an occupation.
    """

    symbol: Symbol
    expr: Expr
    meaning: str
    kind: str = "state"
    explicit: Expr = ZERO
    atom: Expr = ZERO


def _fresh(name: str, taken: set[str]) -> Symbol:
    while name in taken:
        name += "'"
    taken.add(name)
    return Symbol(name, positive=True)


def _series(stem: str, labels: Sequence[str], taken: set[str]) -> list[Symbol]:
    """One symbol for each label: the bare stem for a single one, W_lu or W_1, W_2 for several."""
    if len(labels) == 1 and stem not in taken:
        return [_fresh(stem, taken)]
    if all(len(label) == 2 for label in labels):
        return [_fresh(f"{stem}_{label}", taken) for label in labels]
    return [_fresh(f"{stem}_{k}", taken) for k in range(1, len(labels) + 1)]


def root_definitions(space: Alphabet, letters: Sequence[Letter]) -> tuple[Definition, ...]:
    """R for a square root of a sum, and the letters of a vocabulary written with it."""
    taken = {a.expr.name for a in space.atoms if a.expr.is_Symbol}
    known = list(dict.fromkeys(a.expr for a in space.atoms if a.kind == "root"))
    known += [e for e in _roots_of([x.explicit for x in letters]) if e not in known]
    long = [e for e in known if e.is_Pow and e.base.is_Add]
    symbols = _series("R", [str(k) for k in range(1, len(long) + 1)], taken)
    table = dict(zip(long, symbols, strict=True))
    found = []
    for expr, symbol in table.items():
        inner = expr.base.xreplace({k: v for k, v in table.items() if k != expr}) ** expr.exp
        found.append(Definition(symbol, inner, "square root", "root", expr, expr))
    letter_atoms = {a.expr for a in space.atoms}
    for x in letters:
        shown = x.expr
        if x.kind == "weight":  # a ratio of amplitudes is written without poles already
            shown = _with_roots(shown, table) if x.symbol.is_positive else shown.xreplace(table)
        atom = x.symbol if x.symbol in letter_atoms else x.explicit
        found.append(Definition(x.symbol, shown, x.meaning, x.kind, x.explicit, atom))
    return tuple(found)


def _roots_of(exprs: Sequence[Expr]) -> list[Expr]:
    return sorted(
        {p for e in exprs for p in e.atoms(sympy.Pow) if p.exp == sympy.Rational(1, 2)}, key=str
    )


def _with_roots(expr: Expr, table: dict[Expr, Symbol]) -> Expr:
    """A rate written with the symbols of its roots."""
    if not table:
        return expr
    space = alphabet([expr])
    value, larger = through_roots(space.fraction(expr), space, list(table.items()))
    return readable(larger, value)


def exponent_definitions(generator: Generator) -> tuple[Definition, ...]:
    """x_l for the exponent (epsilon - mu_l)/T_l of a lead; omega/T needs no name."""
    taken = {s.name for s in generator.free_symbols}
    found: dict[Expr, Definition] = {}
    numbers: dict[str, int] = {}
    for pair in generator.pairs:
        if pair.exponent in found or pair.bath.mu == 0:
            continue
        label = pair.bath.label
        several = len({p.exponent for p in generator.pairs if p.bath.label == label}) > 1
        suffix = member(label, numbers.get(label, 0)) if several else ""
        numbers[label] = numbers.get(label, 0) + 1
        symbol = Symbol(_fresh(f"x_{label}{suffix}", taken).name, real=True)
        meaning = f"energy over temperature of bath {label}"
        found[pair.exponent] = Definition(
            symbol, pair.exponent, meaning, "exponent", pair.exponent, pair.exponent
        )
    return tuple(found.values())


def occupation_definitions(generator: Generator, space: Alphabet) -> tuple[Definition, ...]:
    """A symbol for every occupation: n_h, f_l, numbered where a bath has several."""
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
    lists: dict[str, list[Expr]] = {}
    for pair in generator.pairs:
        known = lists.setdefault(pair.bath.label, [])
        if pair.frequency not in known:
            known.append(pair.frequency)
    result = []
    for number, atom in enumerate(a for a in space.atoms if a.kind == "occupation"):
        letter = {"bose": "n", "fermi": "f", "boltzmann": "x"}[atom.chart]
        entry_list = labels.get(atom.expr)
        if entry_list:
            label, frequency = entry_list[0]
            several = lists[label] if len(lists[label]) > 1 else []
            suffix = member(label, several.index(frequency)) if several else ""
            symbol = _fresh(f"{letter}_{label}{suffix}", taken)
            what = "occupation of" if letter != "x" else "Boltzmann factor of"
            meaning = (
                f"{what} bath {', '.join(dict.fromkeys(m[0] for m in entry_list))} at {frequency}"
            )
        else:
            symbol = _fresh(f"{letter}_{number}", taken)
            meaning = f"occupation at exponent {atom.exponent}"
        result.append(Definition(symbol, atom.expr, meaning, "occupation", atom.expr, atom.expr))
    return tuple(result)


def definitions(
    generator: Generator,
    space: Alphabet,
    matrix: SparseMatrix,
    blocks: Sequence[Sequence[int]],
) -> tuple[Definition, ...]:
    """Occupations, then decay rates and detunings of coherences, then effective rates."""
    occupations = occupation_definitions(generator, space)
    taken = {s.name for s in generator.free_symbols} | {d.symbol.name for d in occupations}
    dim = generator.space.dim
    chosen = [
        ([k for k in block if k < dim], [k for k in block if k >= dim])
        for block in blocks
        if block[0] < dim and 0 < sum(k >= dim for k in block) <= COHERENCE_LIMIT
    ]
    writer = _Writer(generator, space, occupations)
    named = _coherence_names(writer, matrix, [k for _, c in chosen for k in c], taken)
    larger = extend(space, [d.symbol for d in named.values()])
    table = {d.symbol: d for d in named.values()}
    found: list[tuple[tuple[int, int], bool, Fraction]] = []
    for populations, coherences in chosen:
        try:
            effective = effective_rates(matrix, space, larger, populations, coherences, named)
        except TooLarge:  # with square roots no name is worth a page
            effective = {}
        for (i, j), value in effective.items():
            if all(value != known for _, _, known in found):
                found.append(((i, j), effective.get((j, i)) == value, value))
    levels = generator.space.levels
    symbols = _series("W", [levels[i] + levels[j] for (i, j), _, _ in found], taken)
    rates = []
    for symbol, ((i, j), symmetric, value) in zip(symbols, found, strict=True):
        expr = writer.write(larger, value)
        explicit = expr.xreplace({s: d.explicit for s, d in table.items()})
        direction = "between" if symmetric else "to the first from the second of"
        meaning = f"effective rate {direction} {levels[i]} and {levels[j]}"
        rates.append(Definition(symbol, expr, meaning, "rate", writer.expand(explicit)))
    used = set().union(*(r.expr.free_symbols for r in rates)) if rates else set()
    return (*occupations, *(d for d in table.values() if d.symbol in used), *rates)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes fractions with occupations as symbols."""

    generator: Generator
    space: Alphabet
    occupations: tuple[Definition, ...]

    def write(self, space: Alphabet, value: Fraction) -> Expr:
        table = {d.atom: d.symbol for d in self.occupations}
        return readable(space, value, [table.get(a.expr, a.expr) for a in space.atoms])

    def expand(self, expr: Expr) -> Expr:
        return expr.xreplace({d.symbol: d.atom for d in self.occupations})


def _coherence_names(
    writer: _Writer, matrix: SparseMatrix, coherences: Sequence[int], taken: set[str]
) -> dict[tuple[int, int], Definition]:
    """Names for the entries of the coherence block that are sums: decay rates and detunings.

    The diagonal entries are minus decay rates; the entry that turns Re into Im of one coherence is
    a detuning (plus or minus).
    """
    names = coordinates(writer.generator.space.dim)
    levels = writer.generator.space.levels
    kinds: dict[str, list[tuple[Fraction, str, list[tuple[int, int]]]]] = {"Gamma": [], "Delta": []}
    for row in coherences:
        for column in coherences:
            value = matrix.entries.get((row, column))
            if value is None or names[row][:2] != names[column][:2]:
                continue
            kind = "Gamma" if row == column else "Delta"
            if kind == "Delta" and (len(value.num) < 2 or len(value.den) > 1):
                continue
            i, j, _ = names[row]
            for known, _, places in kinds[kind]:
                if value in (known, -known):
                    places.append((row, column))
                    break
            else:
                size = -value if kind == "Gamma" else value
                kinds[kind].append((size, levels[i] + levels[j], [(row, column)]))
    result: dict[tuple[int, int], Definition] = {}
    for kind, entries in kinds.items():
        symbols = _series(kind, [label for _, label, _ in entries], taken)
        what = "decay rate" if kind == "Gamma" else "detuning"
        for symbol, (value, _, places) in zip(symbols, entries, strict=True):
            if kind == "Delta":
                symbol = Symbol(symbol.name, real=True)
            i, j, _ = names[places[0][0]]
            definition = Definition(
                symbol,
                writer.write(writer.space, value),
                f"{what} of the coherence between {levels[i]} and {levels[j]}",
                "decay" if kind == "Gamma" else "detuning",
                readable(writer.space, value),
            )
            result.update(dict.fromkeys(places, definition))
    return result


def effective_rates(
    matrix: SparseMatrix,
    space: Alphabet,
    larger: Alphabet,
    populations: Sequence[int],
    coherences: Sequence[int],
    named: dict[tuple[int, int], Definition],
    max_terms: int | None = None,
) -> dict[tuple[int, int], Fraction]:
    """Off-diagonal entries of -B D^-1 C over ``larger``; {} if D is singular.

    ``named`` gives the entries of the coherence block that are written as symbols. Raises TooLong
    where a fraction has more than ``max_terms`` terms.
    """
    zero = Fraction.of(larger.base, 0)

    def entry(row: int, column: int) -> Fraction:
        value = matrix.entries.get((row, column))
        if value is None:
            return zero
        definition = named.get((row, column))
        if definition is None:
            return lift(value, space, larger)
        name = larger.fraction(definition.symbol)
        meaning = space.fraction(definition.explicit)
        return name if value == meaning else -name

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
    solution = _solve(larger, entries, n, len(populations), max_terms)
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
    larger: Alphabet,
    entries: dict[tuple[int, int], Fraction],
    n: int,
    columns: int,
    max_terms: int | None,
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
            if max_terms is not None and any(len(v.num) + len(v.den) > max_terms for v in rows[r]):
                raise TooLong(
                    "The effective rates between populations",
                    found=f"more than {max_terms} terms in one of them",
                    advice="use the straight-line program of the state",
                )
    return [row[n:] for row in rows]
