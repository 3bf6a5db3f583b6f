"""An open system as bare data: operators, rates and baths, entry by entry.

This is what a reference file stores and what both numerical routes start from. No closed form is
in it. L(rho) = -i[H, rho] + sum_a D_a(rho), hbar = 1; a ``time`` symbol makes it L(t).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.errors import OutsideClosedForm
from symtherm.exact.plan import with_real_digammas
from symtherm.quantum.operator import Operator

__all__ = [
    "BathData",
    "JumpData",
    "System",
    "Term",
    "dissipator_terms",
    "frozen",
    "functional_terms",
    "hamiltonian_terms",
    "substituted",
    "system_of",
    "weights_of",
]

Entries = tuple[tuple[int, int, Expr], ...]
Term = tuple[Expr, tuple[tuple[int, int, Fraction], ...]]  # expr times a sparse rational matrix


@dataclass(frozen=True, slots=True)
class JumpData:
    """rate D[operator], belonging to the dissipator ``label``."""

    label: str
    rate: Expr
    operator: Entries


@dataclass(frozen=True, slots=True)
class BathData:
    """Temperature and chemical potential of the dissipator ``label``; ``kind`` is bath or lead."""

    label: str
    kind: str
    T: Expr
    mu: Expr


@dataclass(frozen=True, slots=True)
class System:
    """Levels, H, jumps, baths, the energy operator E and the particle number N, as entries.

    Entries are (row, column, expression), nonzero ones only. ``hot`` lists the possible heat
    sources of an engine; ``time`` is the symbol of time in H, E and the rates, or None.
    """

    levels: tuple[str, ...]
    hamiltonian: Entries
    jumps: tuple[JumpData, ...]
    baths: tuple[BathData, ...]
    energy: Entries
    number: Entries | None = None
    hot: tuple[str, ...] = ()
    time: Symbol | None = None

    @property
    def dim(self) -> int:
        return len(self.levels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the dissipators, in the order of first appearance."""
        return tuple(dict.fromkeys(jump.label for jump in self.jumps))

    @property
    def expressions(self) -> Iterator[Expr]:
        """Every scalar of the system."""
        for entries in (self.hamiltonian, self.energy, self.number or ()):
            yield from (v for _, _, v in entries)
        for jump in self.jumps:
            yield jump.rate
            yield from (v for _, _, v in jump.operator)
        for bath in self.baths:
            yield from (bath.T, bath.mu)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The parameters by name, without the time."""
        found: set[Any] = set().union(*(e.free_symbols for e in self.expressions))
        return tuple(sorted(found - {self.time}, key=str))

    def bath(self, label: str) -> BathData | None:
        """The bath of a dissipator; None for one without a temperature."""
        return next((b for b in self.baths if b.label == label), None)


def system_of(
    generator: Generator,
    energy: Operator,
    number: Operator | None = None,
    hot: Iterable[str] = (),
    time: Symbol | None = None,
) -> System:
    """The data of a generator with its energy (and number) operator.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> system_of(m.generator, m.energy).labels
    ('b',)
    """
    jumps = tuple(
        JumpData(d.label, j.rate, tuple(j.operator.data))
        for d in generator.dissipators
        for j in d.jumps
    )
    baths = tuple(
        BathData(d.label, "bath" if d.bath.statistics == "bose" else "lead", d.bath.T, d.bath.mu)
        for d in generator.dissipators
        if d.bath is not None
    )
    return System(
        tuple(generator.space.levels),
        tuple(generator.hamiltonian.data),
        jumps,
        baths,
        tuple(energy.data),
        None if number is None else tuple(number.data),
        tuple(hot),
        time,
    )


def substituted(system: System, values: Mapping[Any, Any]) -> System:
    """The system with expressions put in for symbols, such as closed forms of Lamb shifts.

    A normal form needs rational functions and exponentials; here any expression with a ball will
    do, digamma functions and Ei included.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> system = system_of(m.generator, m.energy)
    >>> gamma = next(s for s in system.symbols if s.name == "gamma")
    >>> [s.name for s in substituted(system, {gamma: sympy.Ei(1)}).symbols]
    ['T', 'omega']
    """
    table = dict(values)

    def entries(found: Entries) -> Entries:
        return tuple((i, j, v.xreplace(table)) for i, j, v in found)

    return replace(
        system,
        hamiltonian=entries(system.hamiltonian),
        jumps=tuple(
            JumpData(j.label, j.rate.xreplace(table), entries(j.operator)) for j in system.jumps
        ),
        baths=tuple(
            replace(b, T=b.T.xreplace(table), mu=b.mu.xreplace(table)) for b in system.baths
        ),
        energy=entries(system.energy),
        number=None if system.number is None else entries(system.number),
    )


# --- the generator as sum_k e_k M_k with rational M_k on Hermitian coordinates -------------------
#
# A scalar is a "form": expression -> (re, im), rational. Products of forms multiply expressions
# structurally, nothing is expanded. Coordinates: rho_ii, then Re, Im of rho_ij for i < j.

Pair = tuple[Fraction, Fraction]
Form = dict[Expr, Pair]
Table = dict[tuple[int, int], Form]

ONE: Pair = (Fraction(1), Fraction(0))


def _form(value: Expr) -> Form:
    out: Form = {}
    # What has no I and only declared real symbols is real wherever a ball of it is finite.
    shown = with_real_digammas(value)
    real = value.is_Rational or not (shown.has(sympy.I, sympy.re) or value.is_real is False)
    real = real and all(s.is_real for s in value.free_symbols)
    parts = (value, sympy.S.Zero) if real else value.as_real_imag()
    for part, unit in zip(parts, (ONE, (Fraction(0), Fraction(1))), strict=True):
        if part == 0:
            continue
        if not real and part.has(sympy.I, sympy.re, sympy.im):
            raise OutsideClosedForm(
                f"The real and imaginary part of {value}",
                found="symbols that are not declared real",
                advice="declare all parameters positive or real",
            )
        c, rest = part.as_coeff_Mul()
        if not c.is_Rational:
            c, rest = sympy.S.One, part
        q = Fraction(int(c.p), int(c.q))
        _add(out, {rest: (q * unit[0], q * unit[1])})
    return out


def _add(total: Form, term: Form, factor: Pair = ONE) -> None:
    c, d = factor
    for key, (a, b) in term.items():
        x, y = total.get(key, (Fraction(0), Fraction(0)))
        total[key] = (x + a * c - b * d, y + a * d + b * c)


def _times(left: Form, right: Form) -> Form:
    out: Form = {}
    for e, a in left.items():
        for f, b in right.items():
            _add(out, {e * f: (a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0])})
    return out


def _star(form: Form) -> Form:
    return {e: (a, -b) for e, (a, b) in form.items()}


def _table(entries: Entries) -> Table:
    out: Table = {}
    for i, j, v in entries:
        _add(out.setdefault((i, j), {}), _form(v))
    return out


def _dagger(table: Table) -> Table:
    return {(j, i): _star(f) for (i, j), f in table.items()}


def _product(left: Table, right: Table) -> Table:
    out: Table = {}
    for (i, k), f in left.items():
        for (m, j), g in right.items():
            if m == k:
                _add(out.setdefault((i, j), {}), _times(f, g))
    return out


def _basis(d: int) -> list[Table]:
    one, unit = sympy.S.One, (Fraction(0), Fraction(1))
    out: list[Table] = [{(i, i): {one: ONE}} for i in range(d)]
    for i in range(d):
        for j in range(i + 1, d):
            out.append({(i, j): {one: ONE}, (j, i): {one: ONE}})
            out.append({(i, j): {one: unit}, (j, i): {one: (Fraction(0), Fraction(-1))}})
    return out


def _coordinates(table: Table, d: int) -> Iterator[tuple[int, Expr, Fraction]]:
    k = d
    place = {}
    for i in range(d):
        for j in range(i + 1, d):
            place[i, j], k = k, k + 2
    for (i, j), form in table.items():
        for expr, (a, b) in form.items():
            if i == j and a:
                yield i, expr, a
            elif i < j:
                if a:
                    yield place[i, j], expr, a
                if b:
                    yield place[i, j] + 1, expr, b


def _collected(parts: Iterable[tuple[Expr, int, int, Fraction]]) -> tuple[Term, ...]:
    found: dict[Expr, dict[tuple[int, int], Fraction]] = {}
    for expr, r, c, value in parts:
        row = found.setdefault(expr, {})
        row[r, c] = row.get((r, c), Fraction(0)) + value
    return tuple(
        (expr, tuple((r, c, v) for (r, c), v in row.items() if v))
        for expr, row in found.items()
        if any(row.values())
    )


@lru_cache(maxsize=256)
def hamiltonian_terms(entries: Entries, d: int) -> tuple[Term, ...]:
    """-i[H, .] on Hermitian coordinates, as terms.

    >>> hamiltonian_terms(((0, 0, sympy.Integer(2)),), 2)[0][1]
    ((3, 2, Fraction(-2, 1)), (2, 3, Fraction(2, 1)))
    """

    def parts() -> Iterator[tuple[Expr, int, int, Fraction]]:
        table = _table(entries)
        for c, element in enumerate(_basis(d)):
            image: Table = {}
            for key, form in _product(table, element).items():  # -i H B + its adjoint
                _add(image.setdefault(key, {}), form, (Fraction(0), Fraction(-1)))
            total: Table = {key: dict(form) for key, form in image.items()}
            for key, form in _dagger(image).items():
                _add(total.setdefault(key, {}), form)
            yield from ((e, r, c, v) for r, e, v in _coordinates(total, d))

    return _collected(parts())


@lru_cache(maxsize=256)
def dissipator_terms(jumps: tuple[JumpData, ...], d: int) -> tuple[Term, ...]:
    """sum_k r_k (L rho L^+ - (L^+ L rho + rho L^+ L)/2) on Hermitian coordinates, as terms."""
    half = (Fraction(-1, 2), Fraction(0))

    def parts() -> Iterator[tuple[Expr, int, int, Fraction]]:
        for jump in jumps:
            if jump.rate == 0:
                continue
            L = _table(jump.operator)
            adjoint = _dagger(L)
            square = _product(adjoint, L)
            for c, element in enumerate(_basis(d)):
                total: Table = _product(_product(L, element), adjoint)
                for side in (_product(square, element), _product(element, square)):
                    for key, form in side.items():
                        _add(total.setdefault(key, {}), form, half)
                yield from ((jump.rate * e, r, c, v) for r, e, v in _coordinates(total, d))

    return _collected(parts())


@lru_cache(maxsize=256)
def weights_of(entries: Entries, d: int) -> tuple[tuple[int, Expr, Fraction], ...]:
    """The functional Tr(A .) on coordinates: A_ii, then 2 Re A_ij and 2 Im A_ij."""
    upper = tuple(e for e in entries if e[0] <= e[1])
    return tuple((k, e, v if k < d else 2 * v) for k, e, v in _coordinates(_table(upper), d))


def functional_terms(entries: Entries, terms: tuple[Term, ...], d: int, row: int) -> list[Term]:
    """Tr(A M(.)) as terms in row ``row``, for a superoperator M given by ``terms``."""
    weights: dict[int, list[tuple[Expr, Fraction]]] = {}
    for k, expr, value in weights_of(entries, d):
        weights.setdefault(k, []).append((expr, value))
    return list(
        _collected(
            (expr * factor, row, c, value * weight)
            for expr, places in terms
            for r, c, value in places
            for factor, weight in weights.get(r, ())
        )
    )


def frozen(mapping: Mapping[tuple[int, int], Expr]) -> Entries:
    """A dictionary of entries as a tuple in row order."""
    return tuple((i, j, v) for (i, j), v in sorted(mapping.items()) if v != 0)
