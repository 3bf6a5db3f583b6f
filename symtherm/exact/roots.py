"""Square roots as atoms with a relation; factors leave a root only with a decided sign."""

from __future__ import annotations

from itertools import combinations

import sympy
from sympy import Expr

from symtherm.errors import OutsideClosedForm, UndeclaredSign
from symtherm.exact.fraction import Fraction, Poly, Ring, split
from symtherm.exact.letters import Alphabet, Atom, with_atoms

__all__ = ["add_root", "express", "polynomial_root", "root_parts", "square_root"]


def root_parts(current: Alphabet, radicand: Expr) -> tuple[Fraction, list[Expr]]:
    """sqrt(radicand) = outside * product of root atoms; factors leave only with a decided sign."""
    value = current.fraction(radicand)
    base = current.base
    nested: Poly | None = None
    used = [i for i, _ in base.roots if value.num.degrees()[i]]
    if len(used) > 1:
        raise OutsideClosedForm(f"sqrt({radicand})", found="a radicand with several square roots")
    if used:
        # A + B R with its rational content taken out; the primitive part stays under the root.
        a, b = split(base, value.num, used[0])
        content = a.gcd(b) if a else b
        nested = value.num / content
        value = Fraction(base, content, value.den)
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
    if nested is not None:
        if negative:
            nested, negative = -nested, False
        if current.sign(nested) == -1:
            raise OutsideClosedForm(
                f"sqrt({radicand})", found="a radicand that is visibly negative"
            )
        inside.append(sympy.sqrt(current.poly_expr(nested)))
    if negative:
        raise OutsideClosedForm(f"sqrt({radicand})", found="a radicand that is visibly negative")
    return outside, inside


def express(current: Alphabet, key: Expr) -> Fraction | None:
    """A root in terms of the roots there are, when its radicand depends on theirs modulo squares.

    sqrt(p) = |q|/(s_1 ... s_k) when p r_1 ... r_k = q^2 in the field K, or K(R) for a radicand with
    one root R. Raises UndeclaredSign when the sign of q is open.
    """
    base = current.base
    target = current.fraction(key**2)
    own = [i for i, _ in base.roots if target.num.degrees()[i]]
    # Radicands in the same K(R), R itself included; without roots in ours, those in K.
    others = [
        (i, r) for i, r in base.roots if all(j in own for j, _ in base.roots if r.degrees()[j])
    ]
    for count in range(len(others) + 1):
        for chosen in combinations(others, count):
            product = target.num * target.den
            for _, r in chosen:
                product = base.reduce(product * r)
            root = square_root(current, product)
            if root is None:
                continue
            value = root / Fraction.of(base, target.den)
            for i, _ in chosen:
                value = value / Fraction.of(base, base.gen(i))
            sign = current.fraction_sign(value)
            if sign is None:
                raise UndeclaredSign(
                    f"The root {key}",
                    found=f"it is plus or minus {current.poly_expr(value.num)} up to a factor",
                    advice="declare the order that decides this sign",
                )
            return value * sign
    return None


def square_root(current: Alphabet, poly: Poly) -> Fraction | None:
    """q with q^2 = poly in K or K(R), either sign; None when poly is no square there.

    (p + q R)^2 = A + B R needs A^2 - B^2 r = n^2 and p^2 = (A + n)/2 or (A - n)/2, q = B/(2p).
    """
    base = current.base
    used = [(i, r) for i, r in base.roots if poly.degrees()[i]]
    if not used:
        root = polynomial_root(poly)
        return None if root is None else Fraction.of(base, root)
    if len(used) > 1:
        return None
    index, radicand = used[0]
    a, b = split(base, poly, index)
    n = polynomial_root(a * a - b * b * radicand)
    if n is None:
        return None
    for half in (2 * (a + n), 2 * (a - n)):
        p = polynomial_root(half) if half else None
        if p is not None:
            # 4 p'^2 = 2 (A +- n) for p' = p/2.
            first = Fraction.of(base, p, 2)
            return first + Fraction.of(base, b * base.gen(index)) / (2 * first)
    return None


def polynomial_root(poly: Poly) -> Poly | None:
    """The square root of a polynomial that is a perfect square."""
    try:
        return poly.sqrt()
    except Exception:  # FLINT raises DomainError for a polynomial that is no square
        return None


def add_root(current: Alphabet, radicand: Expr) -> Alphabet:
    """The alphabet with the roots that ``radicand`` needs and does not have."""
    _, keys = root_parts(current, radicand)
    for key in keys:
        if any(a.kind == "root" and a.expr == key for a in current.atoms):
            continue
        if express(current, key) is not None:
            continue
        # Not key.base: SymPy writes the root of 1/(exp(a) + 1) with the exponent -1/2.
        square = current.fraction(key**2)
        if not square.den.is_one():
            raise OutsideClosedForm(f"sqrt({radicand})", found="a radicand that is no polynomial")
        _require_independence(current, key, square.num)
        larger = current.base.enlarged(1)
        radicand_there = square.num.project_to_context(larger.ctx)
        base = Ring(larger.ctx, larger.size, (*larger.roots, (current.base.size, radicand_there)))
        current = with_atoms(
            (*current.atoms, Atom(key, "root", "positive")),
            base,
            current.positive,
            current.exponents,
            current.symbols,
            angles=current.angles,
        )
    return current


def _require_independence(current: Alphabet, key: Expr, poly: Poly) -> None:
    """Refuse a nested root that could depend on the others in a way :func:`express` does not see.

    Let alpha = A + B R have the norm N over K. If N is a square, sqrt(alpha) is a sum of two plain
    roots. If N r is one, K(R, sqrt(alpha)) is cyclic of degree four over K with K(R) as its only
    quadratic subfield; such extensions over different R, and quadratic ones, are independent as
    soon as their quadratic subfields are (compare characters of order four and their squares).
    Otherwise a dependence between nested roots over different R makes N times a product of plain
    radicands a square, so where this does not happen there is none.
    """
    base = current.base

    def own(p: Poly) -> list[int]:
        return [i for i, _ in base.roots if p.degrees()[i]]

    nested = [(r, own(r)) for _, r in base.roots if own(r)]
    if own(poly):
        nested.append((poly, own(poly)))
    if not nested:
        return
    plain = [r for _, r in base.roots if not own(r)]
    fields = {tuple(o) for _, o in nested}
    for alpha, (index,) in nested:
        radicand = dict(base.roots)[index]
        a, b = split(base, alpha, index)
        norm = a * a - b * b * radicand
        if polynomial_root(norm) is not None:
            raise OutsideClosedForm(f"The nested root {key}", found="it is a sum of plain roots")
        if polynomial_root(norm * radicand) is not None or len(fields) == 1:
            continue
        for count in range(1, len(plain) + 1):
            for chosen in combinations(plain, count):
                product = norm
                for r in chosen:
                    product = product * r
                if polynomial_root(product) is not None:
                    raise OutsideClosedForm(f"The nested root {key}", found="dependent radicands")
