"""Sparse operators with exact entries; kets and bras are operators to and from the scalars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import BadExpression, DimensionMismatch, NotSquare
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

Entries = Mapping[tuple[int, int], Expr]


def _merge(a: HilbertSpace, b: HilbertSpace, verb: str) -> HilbertSpace:
    if a.dims != b.dims:
        raise DimensionMismatch(
            f"The {verb} of operators on {a.name} and {b.name}",
            found=f"dimensions {list(a.dims)} and {list(b.dims)}",
            advice="bring both to the same space with tensor(..., qeye(n))",
        )
    if a.levels == b.levels:
        return a
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

    @staticmethod
    def of(space: HilbertSpace, entries: Entries, domain: HilbertSpace | None = None) -> Operator:
        """The operator with these entries; zeros are dropped."""
        domain = space if domain is None else domain
        rows = []
        for (i, j), value in sorted(entries.items()):
            expr = _exact(value)
            if not (0 <= i < space.dim and 0 <= j < domain.dim):
                raise DimensionMismatch(
                    f"Entry ({i}, {j})", found=f"a {space.dim} x {domain.dim} operator"
                )
            if expr != 0:
                rows.append((i, j, expr))
        return Operator(space, domain, tuple(rows))

    @property
    def entries(self) -> dict[tuple[int, int], Expr]:
        return {(i, j): v for i, j, v in self.data}

    def __getitem__(self, key: tuple[int, int]) -> Expr:
        return self.entries.get(key, sympy.Integer(0))

    @property
    def shape(self) -> tuple[int, int]:
        return self.space.dim, self.domain.dim

    @property
    def dims(self) -> list[list[int]]:
        return [list(self.space.dims), list(self.domain.dims)]

    @property
    def isket(self) -> bool:
        return self.domain.dim == 1 and self.space.dim > 1

    @property
    def isbra(self) -> bool:
        return self.space.dim == 1 and self.domain.dim > 1

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
        """SymPy's ``subs`` on every entry."""
        return self.apply(lambda v: v.subs(*args))

    @property
    def free_symbols(self) -> set[Any]:
        return set().union(*(v.free_symbols for _, _, v in self.data))

    def __add__(self, other: Operator) -> Operator:
        if not isinstance(other, Operator):
            return NotImplemented
        space = _merge(self.space, other.space, "sum")
        domain = _merge(self.domain, other.domain, "sum")
        total = self.entries
        for i, j, v in other.data:
            total[i, j] = total[i, j] + v if (i, j) in total else v
        return Operator.of(space, total, domain)

    def __radd__(self, other: object) -> Operator:
        return self if other == 0 else NotImplemented

    def __neg__(self) -> Operator:
        return self.apply(lambda v: -v)

    def __sub__(self, other: Operator) -> Operator:
        if not isinstance(other, Operator):
            return NotImplemented
        return self + (-other)

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Operator):
            return self._scaled(_exact(other))
        _merge(self.domain, other.space, "product")
        by_row: dict[int, list[tuple[int, Expr]]] = {}
        for k, j, v in other.data:
            by_row.setdefault(k, []).append((j, v))
        total: dict[tuple[int, int], Expr] = {}
        for i, k, a in self.data:
            for j, b in by_row.get(k, ()):
                term = a * b
                total[i, j] = total[i, j] + term if (i, j) in total else term
        if self.space.dim == 1 and other.domain.dim == 1:
            return total.get((0, 0), sympy.Integer(0))
        return Operator.of(self.space, total, other.domain)

    __matmul__ = __mul__

    def _scaled(self, scalar: Expr) -> Operator:
        return self.apply(lambda v: v * scalar)

    def __rmul__(self, scalar: Any) -> Operator:
        return self._scaled(_exact(scalar))

    def __truediv__(self, scalar: Any) -> Operator:
        return self._scaled(1 / _exact(scalar))

    def __pow__(self, power: int) -> Operator:
        result = Operator.of(self.space, {(i, i): sympy.Integer(1) for i in range(self.space.dim)})
        for _ in range(power):
            result = result * self
        return result

    def __str__(self) -> str:
        if not self.data:
            return "0"
        terms = []
        for i, j, v in self.data:
            ket_ = f"|{self.space.levels[i]}>" if self.space.dim > 1 else ""
            bra_ = f"<{self.domain.levels[j]}|" if self.domain.dim > 1 else ""
            factor = "" if v == 1 else f"({v})*" if v.is_Add else f"{v}*"
            terms.append(f"{factor}{ket_}{bra_}")
        return " + ".join(terms)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {operator_latex(self)}$"


def operator_latex(operator: Operator) -> str:
    """An operator as a sum of coefficients times |i><j|, in LaTeX.

    >>> space = HilbertSpace("q", levels="eg")
    >>> operator_latex(ket(space, "e") * ket(space, "g").dag())
    '|e\\\\rangle\\\\langle g|'
    """
    if not operator.data:
        return "0"
    groups: dict[Expr, list[str]] = {}
    for i, j, v in operator.data:
        ket_ = f"|{operator.space.levels[i]}\\rangle" if operator.space.dim > 1 else ""
        bra_ = f"\\langle {operator.domain.levels[j]}|" if operator.domain.dim > 1 else ""
        groups.setdefault(v, []).append(ket_ + bra_)
    text = ""
    for value, units in groups.items():
        body = " + ".join(units)
        if len(units) > 1 and value not in (1,):
            body = f"\\left({body}\\right)"
        negative = value.could_extract_minus_sign()
        size = -value if negative else value
        coefficient = "" if size == 1 else sympy.latex(size)
        if size.is_Add:
            coefficient = f"\\left({coefficient}\\right)"
        if negative and len(units) > 1 and size == 1:
            body = f"\\left({body}\\right)"
        text += (" - " if negative else " + ") + (
            f"{coefficient}\\, {body}" if coefficient else body
        )
    return text[3:] if text.startswith(" + ") else "-" + text[3:]


def _exact(value: Any) -> Expr:
    expr = sympy.S(value) if isinstance(value, (int, float, complex)) else value
    if isinstance(expr, Operator) or not isinstance(expr, Expr):
        raise BadExpression(
            "A scalar coefficient", found=f"{type(value).__name__}", advice="use SymPy expressions"
        )
    if expr.has(sympy.Float):
        raise BadExpression(
            f"The coefficient {expr}",
            found="a floating-point number, which is not exact",
            advice="write Rational(1, 2) instead of 0.5",
        )
    return expr


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
    if operator.isket:
        operator = ket2dm(operator)
    if not operator.isoper:
        raise NotSquare("The partial trace of an operator that is not square")
    keep = [sel] if isinstance(sel, int) else list(sel)
    parts = operator.space.parts
    if any(not 0 <= k < len(parts) for k in keep):
        raise DimensionMismatch(f"Factors {keep}", found=f"{len(parts)} factors")
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
