"""The second law of a network of populations: flux times force, edge by edge.

Where populations decouple, the entropy production of a stationary state is
sum over edges e of (a_e - b_e) ln(a_e/b_e), with the fluxes a_e = w_ij p_j and b_e = w_ji p_i of
one bath each way; the forces x_e = ln(w_ij/w_ji) are the exponents of the baths, and the parts
ln(p_j/p_i) cancel by stationarity (Schnakenberg, Rev. Mod. Phys. 48, 571 (1976)). Every term is a
monotone pair. All vanish iff all forces balance, that is iff the affinity sum_e x_e of every
cycle is zero (Kolmogorov's criterion); the cycles of a spanning tree suffice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.derive.certificate import BaseVariables, NoCertificate, base_variables
from symtherm.derive.derivation import NEVER, Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.equality import any_of, equal, jointly, vanishing
from symtherm.derive.formula import formula
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.complex import multiply, pair
from symtherm.exact.decide import is_zero
from symtherm.exact.fraction import Fraction
from symtherm.exact.writer import readable
from symtherm.thermo.claim import Claim
from symtherm.thermo.ledger import Ledger

# With more edges their fluxes are not printed.
SHOWN_EDGES = 8

__all__ = ["Edge", "cycles", "edges", "letters", "network_proof"]


@dataclass(frozen=True, slots=True)
class Edge:
    """Transitions low <-> high of one bath: down = e^force up; rates in an alphabet."""

    label: str
    low: int
    high: int
    down: Fraction
    up: Fraction
    force: Expr


def edges(book: Ledger) -> tuple[Edge, ...] | None:
    """The edges of the population network; None where populations do not decouple.

    A dissipator without temperature counts with force zero if its transitions are balanced.
    """
    dim, matrix, space = book.generator.space.dim, book.state.matrix, book.alphabet
    if any(row < dim <= column for row, column in matrix.entries):
        return None
    if any(i != j for i, j, _ in book.state.values):
        return None
    found: list[Edge] = []

    def weight(value: Expr) -> Fraction:
        re, im = pair(space, value)
        return multiply((re, im), (re, -im))[0]

    for d in book.state.named.dissipators:
        for p in d.pairs:
            down, up = space.fraction(p.down.rate), space.fraction(p.up.rate)
            for low, high, v in p.operator.data:
                if low != high:
                    w = weight(v)
                    found.append(Edge(d.label, low, high, w * down, w * up, p.exponent))
        loose: dict[tuple[int, int], Fraction] = {}
        for jump in d.jumps[2 * len(d.pairs) :]:
            for i, j, v in jump.operator.data:
                if i != j:
                    rate = weight(v) * space.fraction(jump.rate)
                    loose[i, j] = loose[i, j] + rate if (i, j) in loose else rate
        for (i, j), rate in loose.items():
            if (j, i) not in loose or loose[j, i] != rate:
                return None
            if i < j and rate:
                found.append(Edge(d.label, i, j, rate, rate, sympy.Integer(0)))
    return tuple(found)


def letters(book: Ledger) -> dict[sympy.Symbol, Expr]:
    """The letters of composite rates in the ledger's alphabet, with what they mean."""
    return {x.symbol: x.explicit for x in book.state.letters}


def cycles(found: tuple[Edge, ...], dim: int) -> list[list[tuple[int, Edge]]] | None:
    """The cycles that edges close with a spanning tree, as (direction, edge); None if unconnected.

    The tree takes the edges of one bath after the other, those with most edges first: within one
    bath no cycle has an affinity.
    """
    count = {e.label: sum(o.label == e.label for o in found) for e in found}
    ordered = sorted(found, key=lambda e: -count[e.label])
    parent: dict[int, tuple[int, int, Edge] | None] = {}
    group = list(range(dim))
    tree: dict[int, list[tuple[int, int, Edge]]] = {i: [] for i in range(dim)}
    closing: list[Edge] = []
    for e in ordered:
        if group[e.low] == group[e.high]:
            closing.append(e)
            continue
        group = [group[e.low] if g == group[e.high] else g for g in group]
        tree[e.low].append((e.high, 1, e))
        tree[e.high].append((e.low, -1, e))
    if len(set(group)) != 1:
        return None
    parent, pending = {0: None}, [0]
    while pending:
        i = pending.pop()
        for j, direction, e in tree[i]:
            if j not in parent:
                parent[j] = (i, direction, e)
                pending.append(j)

    def path(i: int) -> list[tuple[int, Edge]]:
        steps: list[tuple[int, Edge]] = []
        while (link := parent[i]) is not None:
            i, direction, e = link
            steps.append((direction, e))
        return steps

    result = []
    for e in closing:
        # Up the edge, then down the tree from high to the root and up to low; shared steps cancel.
        down, up = path(e.high), path(e.low)
        while down and up and down[-1] == up[-1]:
            down.pop()
            up.pop()
        result.append([(1, e), *((-s, o) for s, o in down), *((s, o) for s, o in reversed(up))])
    return result


def _affinity(space: Alphabet, cycle: list[tuple[int, Edge]]) -> Expr:
    """The sum of the forces around a cycle, one term for each bath."""
    parts: dict[str, Fraction] = {}
    for direction, e in cycle:
        term = direction * space.fraction(e.force)
        parts[e.label] = parts[e.label] + term if e.label in parts else term
    return sympy.Add(*(readable(space, v) for v in parts.values()))


def network_proof(claim: Claim) -> Derivation | None:
    """PROVED edge by edge; None when there is no network or no certificate."""
    book = claim.ledger
    assert book is not None
    found = edges(book)
    space, dim = book.alphabet, book.generator.space.dim
    loops = None if found is None else cycles(found, dim)
    if found is None or loops is None:
        return None
    zero = Fraction.of(space.base, 0)
    rho = book.state.pairs(space)
    p = [rho[i, i][0] if (i, i) in rho else zero for i in range(dim)]
    total = zero
    for e in found:
        total = total + (e.down * p[e.high] - e.up * p[e.low]) * space.fraction(e.force)
    if total != book.fractions["entropy_production"]:
        return None
    if not is_zero(claim.difference - book.entropy_production):
        return None  # the ledger speaks of its own entropy production only
    base = base_variables(space, letters(book))
    certificate = None if base is None else _certificate(claim, base, found, dim)
    if certificate is None:
        return None
    return Derivation(
        claim.name or "A claim",
        (("Proof", (_step(book, found, loops),)),),
        Verdict.PROVED,
        certificate,
        condition=_equality(space, found, loops),
        source="Schnakenberg, Rev. Mod. Phys. 48, 571 (1976)",
    )


def _equality(
    space: Alphabet, found: tuple[Edge, ...], loops: list[list[tuple[int, Edge]]]
) -> Formula | None:
    sides = [_sides(space, _affinity(space, loop)) for loop in loops]
    vanishing_rates = [
        vanishing(space, rate) for e in found for rate in (e.down, e.up)
    ]  # fmt: skip
    if all(v == NEVER for v in vanishing_rates):
        return jointly(space, sides)
    if len(loops) == 1:
        balanced = [equal(space, *pair) for pair in sides]
        around = {id(e) for _, e in loops[0]}
        cut = [vanishing(space, r) for e in found if id(e) in around for r in (e.down, e.up)]
        return any_of([*balanced, *cut])
    return Formula(r"a_e = b_e \text{ for every edge } e", "a_e = b_e for every edge e")


def _sides(space: Alphabet, affinity: Expr) -> tuple[Expr, Expr]:
    """affinity = 0 as a = b: its positive terms, and its negative ones."""
    sides: list[list[Expr]] = [[], []]
    for term in sympy.Add.make_args(affinity):
        sides[space.fraction_sign(space.fraction(term)) == -1].append(term)
    return sympy.Add(*sides[0]), -sympy.Add(*sides[1])


def _certificate(
    claim: Claim, base: BaseVariables, found: tuple[Edge, ...], dim: int
) -> dict[str, Any] | None:
    try:
        rates = [base.rates(e.down, e.up, e.force) for e in found]
        weights: dict[tuple[int, int], list[str]] = {}
        for e, (down, up) in zip(found, rates, strict=True):
            weights.setdefault((e.low, e.high), []).append(down)
            weights.setdefault((e.high, e.low), []).append(up)
        populations = _positive_populations(base, weights, dim)
        logs = [base.name("log", f"ln_p{i}", text) for i, text in enumerate(populations)]
        terms = []
        named: dict[str, str] = {}  # equal rates share one logarithm, or they would not cancel
        for k, (e, (down, up)) in enumerate(zip(found, rates, strict=True)):
            # ln a = ln w_up + ln p_high + force, since w_down = exp(force) w_up; ln b likewise.
            if up not in named:
                named[up] = base.name("log", f"ln_w{k}", up)
            rate = named[up]
            force = base.powers(e.force)
            a = f"({down})*{populations[e.high]}"
            b = f"({up})*{populations[e.low]}"
            base.tables.setdefault("log", {}).update(
                {
                    a: {"powers": {rate: 1, logs[e.high]: 1, **force}},
                    b: {"powers": {rate: 1, logs[e.low]: 1}},
                }
            )
            terms.append({"factor": "1", "pair": [a, b], "function": "log", "bath": e.label})
        return {
            "rule": "flux times force",
            "claim": base.text(claim.difference),
            "relation": ">=",
            "terms": terms,
            **base.declarations(),
        }
    except NoCertificate:
        return None


def _positive_populations(
    base: BaseVariables, rates: dict[tuple[int, int], list[str]], dim: int
) -> list[str]:
    """Names of the populations, defined from rates (to, from) without a subtraction.

    States are eliminated one by one, the last first: w_ij grows by w_in w_nj/s_n, where s_n is the
    sum of the rates from n to those before it; then x_n = sum_j w_nj x_j/s_n with x_0 = 1, and
    p = x/sum x (Grassmann, Taksar, Heyman, Oper. Res. 33, 1107 (1985)). So every population shows
    its sign, whatever its closed form looks like.
    """
    w = {key: "(" + " + ".join(texts) + ")" for key, texts in rates.items()}
    exits: dict[int, str] = {}
    for n in range(dim - 1, 0, -1):
        out = [w[i, n] for i in range(n) if (i, n) in w]
        if not out:
            raise NoCertificate("a state without a way out")
        exits[n] = base.name("defined", f"s{n}", " + ".join(out))
        for i in range(n):
            for j in range(n):
                if i != j and (i, n) in w and (n, j) in w:
                    detour = f"{w[i, n]}*{w[n, j]}/{exits[n]}"
                    old = f"{w[i, j]} + " if (i, j) in w else ""
                    w[i, j] = base.name("defined", f"w{i}_{j}", old + detour)
    x = ["1"]
    for n in range(1, dim):
        into = " + ".join(f"{w[n, j]}*{x[j]}" for j in range(n) if (n, j) in w)
        x.append(base.name("defined", f"x{n}", f"({into})/{exits[n]}"))
    total = base.name("defined", "Z", " + ".join(x))
    return [base.name("defined", f"p{i}", f"{v}/{total}") for i, v in enumerate(x)]


def _step(book: Ledger, found: tuple[Edge, ...], loops: list[list[tuple[int, Edge]]]) -> Step:
    space, levels = book.alphabet, book.generator.space.levels

    def flux(letter: str, number: int, rate: Fraction, level: int) -> Equation:
        shown = formula(book.state.readable(rate, space))
        p = formula(sympy.Symbol(f"p_{levels[level]}", real=True))
        name = Formula(f"{letter}_{{{number}}}", f"{letter}_{number}")
        return Equation(name, Formula(rf"{shown.latex}\,{p.latex}", f"{shown.text} {p.text}"))

    equations = [
        Equation(
            Formula(r"\dot\Sigma", "Σ̇"),
            Formula(
                r"\sum_e \left(a_e - b_e\right)\left(\ln a_e - \ln b_e\right) \;\ge\; 0",
                "sum over e of (a_e - b_e) (ln a_e - ln b_e) >= 0",
            ),
        )
    ]
    for k, e in enumerate(found if len(found) <= SHOWN_EDGES else (), start=1):
        equations += [flux("a", k, e.down, e.high), flux("b", k, e.up, e.low)]
    affinities = [_affinity(space, loop) for loop in loops]
    for k, affinity in enumerate((a for a in affinities if a != 0), start=1):
        name = Formula(rf"\mathcal{{A}}_{{{k}}}", f"A_{k}")
        equations.append(Equation(name, formula(affinity)))
    rows = tuple(
        (str(k), e.label, str(levels[e.high]), str(levels[e.low]))
        for k, e in enumerate(found, start=1)
    )
    words: tuple[str | Formula, ...] = (
        "Flux times force, edge by edge: with the flux ",
        Formula("a_e", "a_e"),
        " down and ",
        Formula("b_e", "b_e"),
        " up each edge, the logarithms of the populations cancel because the steady state does not "
        "change, and every term is a monotone pair. All vanish together if and only if the "
        "affinity of every cycle of edges does, the sum of the forces ",
        Formula(r"\ln a_e/b_e", "ln a_e/b_e"),
        " around it:",
    )
    header = ("edge", "bath", "from", "to")
    return Step(words, tuple(equations), Verdict.PROVED, "flux times force", (header, rows))
