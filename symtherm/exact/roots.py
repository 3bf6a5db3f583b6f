"""Square roots as atoms with a relation; factors leave a root only with a decided sign."""

from __future__ import annotations

from math import isqrt

import sympy
from sympy import Expr

from symtherm.errors import OutsideClosedForm, UndeclaredSign
from symtherm.exact.fraction import Fraction, Poly, Ring, ring
from symtherm.exact.letters import Alphabet, Atom, with_atoms

__all__ = ["add_root", "root_parts"]


def root_parts(current: Alphabet, radicand: Expr) -> tuple[Fraction, list[Expr]]:
    """sqrt(radicand) = outside * product of root atoms; factors leave only with a decided sign."""
    value = current.fraction(radicand)
    base = current.base
    if any(value.num.degrees()[i] for i, _ in base.roots):
        raise OutsideClosedForm(f"sqrt({radicand})", found="a nested square root")
    outside = Fraction.of(base, 1)
    inside: list[Expr] = []
    undecided = sympy.Integer(1)
    negative = False

    def take(expr: Expr, value: Fraction, power: int, sign: int | None) -> None:
        nonlocal outside, undecided, negative
        half, odd = divmod(power, 2)
        if half and half % 2 and sign is None:
            raise UndeclaredSign(
                f"sqrt({radicand})",
                found=f"a square of {expr}, whose sign is not declared",
                advice=f"declare the order, so that |{expr}| is known",
            )
        if half:
            outside = outside * (value if sign in (1, None) else -value) ** half
        if odd and sign == -1:
            negative = not negative
            inside.append(sympy.sqrt(-expr))
        elif odd and sign == 1:
            inside.append(sympy.sqrt(expr))
        elif odd:
            undecided = undecided * expr

    # sqrt(n/d) = sqrt(n d)/|d|.
    for poly, inverse in ((value.num, False), (value.den, True)):
        content, factors = poly.factor()
        number = int(content)
        if number < 0:
            negative = not negative
        for prime, power in sympy.factorint(abs(number)).items():
            take(sympy.Integer(prime), Fraction.of(base, int(prime)), power, 1)
        if inverse:
            outside = outside / abs(number)
        for p, power in factors:
            sign = current.sign(p)
            take(current.poly_expr(p), Fraction.of(base, p), int(power), sign)
            if inverse:
                if sign is None and power % 2:
                    raise UndeclaredSign(
                        f"sqrt({radicand})", found=f"the sign of {current.poly_expr(p)}"
                    )
                outside = outside / Fraction.of(base, p if sign in (1, None) else -p) ** int(power)
    if undecided != 1:
        inside.append(sympy.sqrt(-undecided if negative else undecided))
        negative = False
    if negative:
        raise OutsideClosedForm(f"sqrt({radicand})", found="a radicand that is visibly negative")
    return outside, inside


def add_root(current: Alphabet, radicand: Expr) -> Alphabet:
    _, keys = root_parts(current, radicand)
    for key in keys:
        if any(a.kind == "root" and a.expr == key for a in current.atoms):
            continue
        square = current.fraction(key.base)
        if current.sign(square.num) is None and _dependent(current, square.num):
            raise OutsideClosedForm(
                f"sqrt({radicand})", found="radicands that are dependent modulo squares"
            )
        larger = ring(current.base.size + 1)
        roots = tuple((i, r.project_to_context(larger.ctx)) for i, r in current.base.roots)
        roots += ((current.base.size, square.num.project_to_context(larger.ctx)),)
        base = Ring(larger.ctx, larger.size, roots)
        current = with_atoms(
            (*current.atoms, Atom(key, "root", "positive")),
            base,
            current.positive,
            current.exponents,
            current.symbols,
        )
    return current


def _dependent(current: Alphabet, poly: Poly) -> bool:
    """Whether a radicand is a product of earlier ones modulo squares: GF(2)-linear algebra."""
    rows: list[frozenset[str]] = []
    for _, radicand in current.base.roots:
        rows.append(_odd_factors(radicand))
    target = _odd_factors(poly)
    span = {frozenset[str]()}
    for row in rows:
        span |= {s ^ row for s in span}
    return target in span


def _odd_factors(poly: Poly) -> frozenset[str]:
    content, factors = poly.factor()
    odd = {str(p) for p, k in factors if k % 2}
    number = abs(int(content))
    if isqrt(number) ** 2 != number:
        odd |= {str(p) for p, k in sympy.factorint(number).items() if k % 2}
    if content < 0:
        odd.add("-1")
    return frozenset(odd)
