"""Sparse operators with exact entries; kets and bras are operators to and from the scalars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    NotSquare,
    OutOfDomain,
    WrongArgument,
    kind_of,
    require,
)
from symtherm.exact.scalar import by_symbol, scalar
from symtherm.exact.show import shortened
from symtherm.quantum.latex import operator_latex
from symtherm.quantum.space import SCALARS, HilbertSpace

__all__ = [
    "Operator",
    "anticommutator",
    "commutator",
    "ket",
    "ket2dm",
    "ptrace",
    "tensor",
]

Entries = Mapping[tuple[int | str, int | str], Expr] | Mapping[tuple[int, int], Expr]


def _of_scalars(space: HilbertSpace) -> bool:
    """Whether these are the numbers; a system of one level has operators of its own."""
    return all(part == SCALARS for part in space.parts)


def merged(a: HilbertSpace, b: HilbertSpace, verb: str) -> HilbertSpace:
    """The space of both operators of a ``verb`` (sum, product), with the labels that say more.

    Raises DimensionMismatch for other dimensions, for one basis in two orders, and for eigenstates
    of a Hamiltonian next to levels.
    """
    if a.dims != b.dims:
        raise DimensionMismatch(
            f"The {verb} of operators on {a.name} and {b.name}",
            found=f"dimensions {list(a.dims)} and {list(b.dims)}",
            advice="bring both to the same space with tensor(..., qeye(n))",
        )
    if a.eigenbasis != b.eigenbasis and not (a.is_numbered or b.is_numbered):
        raise DimensionMismatch(
            f"The {verb} of operators on {a.name} and {b.name}",
            found=f"eigenstates {', '.join((a if a.eigenbasis else b).levels)} of a Hamiltonian "
            f"and levels {', '.join((b if a.eigenbasis else a).levels)}",
            advice="write spectrum.to_eigenbasis(operator) or spectrum.to_levels(operator)",
        )
    if a.levels == b.levels:
        return a
    for p, q in zip(a.parts, b.parts, strict=True):
        if p.levels != q.levels and set(p.levels) == set(q.levels):
            raise DimensionMismatch(
                f"The {verb} of operators on {a.name} and {b.name}",
                found=f"the levels {', '.join(p.levels)} and {', '.join(q.levels)}, "
                "which are the same in another order",
                advice="list the levels in one order; sigmam() and the like have e before g",
            )
    # Factor by factor the labelled space wins over one whose levels are just numbers.
    parts = [q if p.is_numbered else p for p, q in zip(a.parts, b.parts, strict=True)]
    merged = parts[0]
    for part in parts[1:]:
        merged = merged * part
    return merged


@dataclass(frozen=True, slots=True)
class Operator:
    """A sparse matrix from ``domain`` to ``space`` with SymPy entries.

    Made by :meth:`of`, by the standard constructors (``sigmam``, ``destroy``, ...), or by algebra:
    ``+``, ``-``, ``*`` (also with scalars), ``dag()``, ``tr()``. Products with scalar result
    (bra times ket) are SymPy expressions, as in QuTiP 5.

    >>> atom = HilbertSpace("atom", levels="gu")
    >>> g, u = atom.kets
    >>> print(g * u.dag())
    |g><u|
    """

    space: HilbertSpace
    domain: HilbertSpace
    data: tuple[tuple[int, int, Expr], ...]

    # Entries are asked for by index; without this SymPy and NumPy would iterate without end.
    __iter__ = None
    __array_ufunc__ = None

    def __post_init__(self) -> None:
        require(self.space, HilbertSpace, "The space of an Operator", _MAKE)

    @staticmethod
    def of(space: HilbertSpace, entries: Entries, domain: HilbertSpace | None = None) -> Operator:
        """The operator with these entries, by index or label; zeros are dropped."""
        domain = space if domain is None else domain
        require(space, HilbertSpace, "The space of an Operator", _MAKE)
        require(entries, Mapping, "The entries of an Operator are a mapping", _MAKE)
        places = {(_place(space, i), _place(domain, j)): v for (i, j), v in entries.items()}
        if len(places) < len(entries):
            raise BadExpression(
                f"The entries of an operator on {space.name}",
                found="two for one place, by labels and by numbers",
                advice="give each entry once",
            )
        rows = []
        for (i, j), value in sorted(places.items()):
            # Entries come out of products in large numbers, so the usual case is kept short.
            plain = isinstance(value, Expr) and not value.has(sympy.Float)
            expr = value if plain else _exact(value)
            if not (0 <= i < space.dim and 0 <= j < domain.dim):
                raise DimensionMismatch(
                    f"Entry ({i}, {j})",
                    found=f"a {space.dim} x {domain.dim} operator",
                    advice="indices count from 0",
                )
            if expr != 0:
                rows.append((i, j, expr))
        return Operator(space, domain, tuple(rows))

    @property
    def entries(self) -> dict[tuple[int, int], Expr]:
        return {(i, j): v for i, j, v in self.data}

    def __getitem__(self, key: tuple[int | str, int | str]) -> Expr:
        """<i|operator|j>, by index or by label; raises DimensionMismatch, UnknownQuantity."""
        if not isinstance(key, tuple) or len(key) != 2:
            raise WrongArgument(
                "An entry of an operator", found=kind_of(key), advice="write operator[i, j]"
            )
        i = _place(self.space, key[0])
        j = _place(self.domain, key[1])
        if not (0 <= i < self.space.dim and 0 <= j < self.domain.dim):
            raise DimensionMismatch(
                f"Entry ({i}, {j})",
                found=f"a {self.space.dim} x {self.domain.dim} operator",
                advice="indices count from 0",
            )
        return self.entries.get((i, j), sympy.Integer(0))

    @property
    def shape(self) -> tuple[int, int]:
        return self.space.dim, self.domain.dim

    @property
    def dims(self) -> list[list[int]]:
        return [list(self.space.dims), list(self.domain.dims)]

    @property
    def isket(self) -> bool:
        return _of_scalars(self.domain) and not _of_scalars(self.space)

    @property
    def isbra(self) -> bool:
        return _of_scalars(self.space) and not _of_scalars(self.domain)

    @property
    def isoper(self) -> bool:
        return self.space.dims == self.domain.dims

    @property
    def isherm(self) -> bool:
        """Whether the operator equals its adjoint, decided in normal form."""
        from symtherm.exact.decide import all_zero

        return self.isoper and all_zero((self - self.dag()).entries.values())

    def dag(self) -> Operator:
        """The adjoint."""
        flipped = tuple(sorted((j, i, _conjugate(v)) for i, j, v in self.data))
        return Operator(self.domain, self.space, flipped)

    def tr(self) -> Expr:
        """The trace; raises NotSquare for kets, bras and rectangular operators."""
        if not self.isoper:
            raise NotSquare(f"The trace of a {self.shape[0]} x {self.shape[1]} operator")
        return sympy.Add(*(v for i, j, v in self.data if i == j))

    def full(self) -> Any:
        """The dense SymPy matrix."""
        return sympy.SparseMatrix(*self.shape, self.entries).as_mutable().as_immutable()

    def ptrace(self, sel: int | Iterable[int]) -> Operator:
        """See :func:`ptrace`."""
        return ptrace(self, sel)

    def apply(self, function: Any) -> Operator:
        """The operator with ``function`` applied to every nonzero entry."""
        return Operator.of(self.space, {(i, j): function(v) for i, j, v in self.data}, self.domain)

    def subs(self, *args: Any) -> Operator:
        """SymPy's ``subs`` on every entry; a mapping may name symbols by text."""
        if len(args) == 1 and isinstance(args[0], Mapping):
            args = (by_symbol(args[0], self.free_symbols),)
        return self.apply(lambda v: v.subs(*args))

    @property
    def free_symbols(self) -> set[Any]:
        return set().union(*(v.free_symbols for _, _, v in self.data))

    def __add__(self, other: Operator) -> Operator:
        if not isinstance(other, Operator):
            raise _no_sum(other)
        space = merged(self.space, other.space, "sum")
        domain = merged(self.domain, other.domain, "sum")
        total = self.entries
        for i, j, v in other.data:
            total[i, j] = total[i, j] + v if (i, j) in total else v
        return Operator.of(space, total, domain)

    def __radd__(self, other: object) -> Operator:
        if isinstance(other, (int, Expr)) and other == 0:  # the start of sum(...)
            return self
        raise _no_sum(other)

    def __neg__(self) -> Operator:
        return self.apply(lambda v: -v)

    def __sub__(self, other: Operator) -> Operator:
        if not isinstance(other, Operator):
            raise _no_sum(other)
        return self + (-other)

    def __rsub__(self, other: object) -> Operator:
        return self.__radd__(other) - 2 * self

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Operator):
            return self._scaled(_exact(other))
        between = merged(self.domain, other.space, "product")
        # Labels pass through operators on one space: sigma_z (x) 1 times 1 (x) sigma_z has both.
        space = between if self.space == self.domain else self.space
        domain = between if other.space == other.domain else other.domain
        by_row: dict[int, list[tuple[int, Expr]]] = {}
        for k, j, v in other.data:
            by_row.setdefault(k, []).append((j, v))
        total: dict[tuple[int, int], Expr] = {}
        for i, k, a in self.data:
            for j, b in by_row.get(k, ()):
                term = a * b
                total[i, j] = total[i, j] + term if (i, j) in total else term
        if _of_scalars(space) and _of_scalars(domain):
            return total.get((0, 0), sympy.Integer(0))
        return Operator.of(space, total, domain)

    __matmul__ = __mul__

    def _scaled(self, scalar: Expr) -> Operator:
        return self.apply(lambda v: v * scalar)

    def __rmul__(self, scalar: Any) -> Operator:
        return self._scaled(_exact(scalar))

    def __truediv__(self, scalar: Any) -> Operator:
        value = _exact(scalar)
        if value == 0:
            raise OutOfDomain("An operator divided by 0", advice="divide by something else")
        return self._scaled(1 / value)

    def __pow__(self, power: int) -> Operator:
        if not isinstance(power, int) or power < 0:
            raise BadExpression(
                f"The power {power} of an operator",
                found="no whole number of factors",
                advice="use a whole number that is not negative",
            )
        if not self.isoper:
            raise NotSquare(f"A power of a {self.shape[0]} x {self.shape[1]} operator")
        result = Operator.of(self.space, {(i, i): sympy.Integer(1) for i in range(self.space.dim)})
        for _ in range(power):
            result = result * self
        return result

    def __str__(self) -> str:
        if not self.data:
            return "0"
        text = ""
        for i, j, v in self.data:
            ket_ = f"|{self.space.levels[i]}>" if not _of_scalars(self.space) else ""
            bra_ = f"<{self.domain.levels[j]}|" if not _of_scalars(self.domain) else ""
            negative = v.could_extract_minus_sign() and not v.is_Add
            size = -v if negative else v
            factor = "" if size == 1 else f"({size})*" if size.is_Add else f"{size}*"
            text += f"{' - ' if negative else ' + '}{factor}{ket_}{bra_}"
        return text[3:] if text.startswith(" + ") else "-" + text[3:]

    def __repr__(self) -> str:
        kind = "ket" if self.isket else "bra" if self.isbra else "Operator"
        space = self.domain if self.isbra else self.space
        return f"{kind} on {space.name}, {self.shape[0]} x {self.shape[1]}: {shortened(str(self))}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {operator_latex(self)}$"


_MAKE = "write Operator.of(space, {(i, j): value}), or sigmax(), destroy(n), ket * bra"


def _place(space: HilbertSpace, key: int | str) -> int:
    return space.index(key) if isinstance(key, str) else key


def _exact(value: Any) -> Expr:
    return scalar(value, "The coefficient of an operator")


def _no_sum(other: object) -> WrongArgument:
    return WrongArgument(
        "The sum of an operator and something else",
        found=kind_of(other),
        advice="multiply numbers by qeye(d), or by qeye(operator.space)",
    )


def _conjugate(expr: Expr) -> Expr:
    # conjugate() of declared real symbols is immediate; functions of them are real as well.
    if expr.is_Rational:
        return expr
    declared = all(s.is_real or not s.is_complex for s in expr.free_symbols)
    real = declared and not expr.has(sympy.I) and expr.is_real is not False
    return expr if real else sympy.conjugate(expr)


def ket(space: HilbertSpace, label: str) -> Operator:
    """The basis ket |label>."""
    return Operator.of(space, {(space.index(label), 0): sympy.Integer(1)}, SCALARS)


def ket2dm(state: Operator) -> Operator:
    """|psi><psi| of a ket.

    >>> atom = HilbertSpace("atom", levels="gu")
    >>> print(ket2dm(atom.ket("u")))
    |u><u|
    """
    if not isinstance(state, Operator) or not state.isket:
        shape = (
            f"a {state.shape[0]} x {state.shape[1]} operator"
            if isinstance(state, Operator)
            else kind_of(state)
        )
        raise WrongArgument("|psi><psi| of a ket", found=shape, advice="give a ket")
    product: Operator = state * state.dag()
    return product


def tensor(*parts: Any) -> Any:
    """The tensor product of operators, of kets, or of spaces.

    >>> q = HilbertSpace("q", levels="eg")
    >>> print(tensor(q.ket("e"), q.ket("g")))
    |eg>
    """
    if len(parts) == 1 and isinstance(parts[0], (list, tuple)):
        parts = tuple(parts[0])
    kind = HilbertSpace if parts and isinstance(parts[0], HilbertSpace) else Operator
    if not parts:
        raise WrongArgument("tensor(...) of operators, kets or spaces", found="nothing")
    for part in parts:
        require(
            part, kind, "tensor(...) of operators, kets or spaces", "use qeye(n) for identities"
        )
    result = parts[0]
    for part in parts[1:]:
        if isinstance(part, HilbertSpace):
            result = result * part
            continue
        space = result.space * part.space if part.space.dim > 1 else result.space
        domain = result.domain * part.domain if part.domain.dim > 1 else result.domain
        n, m = part.shape
        entries = {
            (i * n + k, j * m + l): a * b for i, j, a in result.data for k, l, b in part.data
        }
        result = Operator.of(space, entries, domain)
    return result


def ptrace(operator: Operator, sel: int | Iterable[int]) -> Operator:
    """The partial trace that keeps the factors ``sel`` (QuTiP's convention).

    (Tr_B rho)_{ij} = sum_b rho_{ib, jb}. Kets are turned into density matrices first.
    """
    require(operator, Operator, "The partial trace of an Operator", "give pi.rho for a state pi")
    if operator.isket:
        operator = ket2dm(operator)
    if not operator.isoper:
        raise NotSquare("The partial trace of an operator that is not square")
    keep = [sel] if isinstance(sel, int) else list(sel)
    parts = operator.space.parts
    numbers = all(isinstance(k, int) and 0 <= k < len(parts) for k in keep)
    if not keep or not numbers or len(set(keep)) < len(keep):
        raise DimensionMismatch(
            f"The factors {keep} to keep",
            found=f"{len(parts)} factors",
            advice=f"give different numbers from 0 to {len(parts) - 1}, at least one",
        )
    kept = [parts[k] for k in sorted(keep)]
    target = kept[0]
    for part in kept[1:]:
        target = target * part

    def digits(n: int) -> tuple[int, ...]:
        found = []
        for part in reversed(parts):
            n, r = divmod(n, part.dim)
            found.append(r)
        return tuple(reversed(found))

    def number(all_digits: tuple[int, ...]) -> int:
        n = 0
        for k in sorted(keep):
            n = n * parts[k].dim + all_digits[k]
        return n

    total: dict[tuple[int, int], Expr] = {}
    for i, j, v in operator.data:
        a, b = digits(i), digits(j)
        if all(a[k] == b[k] for k in range(len(parts)) if k not in keep):
            key = number(a), number(b)
            total[key] = total[key] + v if key in total else v
    return Operator.of(target, total)


def commutator(a: Operator, b: Operator) -> Operator:
    """[a, b] = ab - ba."""
    result: Operator = a * b - b * a
    return result


def anticommutator(a: Operator, b: Operator) -> Operator:
    """{a, b} = ab + ba."""
    result: Operator = a * b + b * a
    return result
