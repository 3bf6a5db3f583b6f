"""Normal form of logarithms: ln of a fraction as a sum of c_k ln|p_k| plus exponents.

The p_k are irreducible factors and primes. The logarithm of an occupation is dependent on the
exponent (ln n = ln(1 + n) - e, ln f = ln(1 - f) - e), so it is rewritten before anything is
tested for zero. With one square root s in the argument, ln(A + B s) is split into its norm and its
antisymmetric part, ln(A + B s) = (1/2) ln(A^2 - B^2 r) + (1/2) ln((A + B s)/(A - B s)), which
decides ln(R + d) + ln(R - d) = 2 ln g for R^2 = d^2 + g^2. Several antisymmetric parts may hide a
relation: then a nonzero form is no verdict (``independent`` is False), a zero form still is.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symtherm.errors import OutOfDomain
from symtherm.exact.fraction import Fraction, Poly, split
from symtherm.exact.letters import Alphabet, Atom, with_atoms
from symtherm.exact.roots import polynomial_root

__all__ = ["add_logs", "log_parts"]

Key = tuple[str, str]
Parts = list[tuple[Key, Fraction]]


def _shifted(current: Alphabet, poly: Poly) -> tuple[int, Poly] | None:
    """(generator, polynomial q) when poly is an occupation y, with ln y = ln q - exponent."""
    for j in range(len(current.exponents)):
        index = current.symbols + j
        y = current.base.gen(index)
        if poly == y:
            chart = current.atoms[index].chart
            one = current.base.constant(1)
            return index, {"bose": one + y, "fermi": one - y, "boltzmann": one}[chart]
    return None


def _modulus(expr: Expr) -> Expr:
    """|expr| as it stands: SymPy's evaluation brings to one denominator, which may take minutes."""
    return sympy.Abs(expr, evaluate=False)


def log_parts(
    current: Alphabet, argument: Fraction
) -> tuple[Fraction, Parts, dict[Key, tuple[Expr, str]]]:
    """(rational part, [(key, coefficient)], meaning of each key) of ln(argument).

    Raises OutOfDomain when the argument is exactly zero or visibly negative.
    """
    base = current.base
    rational = Fraction.of(base, 0)
    found: dict[Key, Fraction] = {}
    meaning: dict[Key, tuple[Expr, str]] = {}
    if not argument or current.fraction_sign(argument) == -1:
        raise OutOfDomain("The logarithm of a number that is not positive")

    def add(key: Key, coefficient: Fraction, expr: Expr, kind: str) -> None:
        found[key] = found.get(key, Fraction.of(base, 0)) + coefficient
        meaning[key] = (expr, kind)

    def plain(poly: Poly, weight: Fraction) -> None:
        nonlocal rational
        content, factors = poly.factor()
        for prime, power in sympy.factorint(abs(int(content))).items():
            add((str(prime), ""), weight * int(power), sympy.log(int(prime)), "plain")
        for p, power in factors:
            shift = _shifted(current, p)
            if shift is not None:
                index, other = shift
                exponent = current.exponents[index - current.symbols]
                rational = rational - weight * int(power) * Fraction(
                    base,
                    exponent.num.project_to_context(base.ctx),
                    exponent.den.project_to_context(base.ctx),
                )
                if not other.is_one():
                    plain(other, weight * int(power))
                continue
            sign = current.sign(p)
            expr = current.poly_expr(-p if sign == -1 else p)
            log = sympy.log(expr) if sign else sympy.log(_modulus(expr))
            add((str(p), ""), weight * int(power), log, "plain")

    def radical(poly: Poly, weight: Fraction) -> None:
        used = [i for i, _ in base.roots if poly.degrees()[i]]
        if not used:
            plain(poly, weight)
            return
        if len(used) > 1:
            add((str(poly), "several"), weight, sympy.log(current.poly_expr(poly)), "opaque")
            return
        index = used[0]
        radicand = dict(base.roots)[index]
        a, b = split(base, poly, index)
        common = a.gcd(b) if a else b
        if not common.is_one():
            plain(common, weight)
            a, b = a / common, b / common
        half = weight / 2
        if not a:
            plain(radicand, half)
            return
        quotient, rest = divmod(a, radicand)
        if not rest:
            # a + b s = s (b + (a/r) s), and ln s = (1/2) ln r.
            plain(radicand, half)
            a, b = b, quotient
        norm = a * a - b * b * radicand
        plain(norm, half)
        # For norm n^2 the element is a square: 2 (a + n)(a + b s) = ((a + n) + b s)^2. The new one
        # may again be a multiple of s, whose antisymmetric part is ln|s/(-s)| = 0.
        root = polynomial_root(norm)
        while root is not None and a + root:
            half = 2 * half
            a = a + root
            quotient, rest = divmod(a, radicand)
            if not rest:
                a, b = b, quotient
            common = a.gcd(b)
            a, b = a / common, b / common
            root = polynomial_root(a * a - b * b * radicand)
        # ln((a + b s)/(a - b s)) is odd in a and in b: fix both leading signs.
        odd = half
        if a.leading_coefficient() < 0:
            a, odd = -a, -odd
        if b.leading_coefficient() < 0:
            b, odd = -b, -odd
        s = base.gen(index)
        # 2 atanh(b s/a) in real terms; the absolute value covers |b s| > a.
        ratio = current.poly_expr(a + b * s) / current.poly_expr(a - b * s)
        add((str(a), str(b * s)), odd, sympy.log(_modulus(ratio)), "radical")

    one = Fraction.of(base, 1)
    radical(argument.num, one)
    radical(argument.den, -one)
    return rational, [(k, c) for k, c in found.items() if c], meaning


def add_logs(current: Alphabet, arguments: Sequence[Expr]) -> Alphabet:
    """Extend an alphabet by the logarithms its arguments need."""
    needed: dict[Key, tuple[Expr, str]] = {}
    for argument in dict.fromkeys(arguments):
        _, parts, meaning = log_parts(current, current.fraction(argument))
        needed.update({key: meaning[key] for key, _ in parts})
    if not needed:
        return current
    base = current.base.enlarged(len(needed))
    atoms = [*current.atoms]
    logs: dict[Key, int] = {}
    for key, (expr, _) in sorted(needed.items()):
        logs[key] = len(atoms)
        atoms.append(Atom(expr, "log", "real"))
    kinds = [kind for _, kind in needed.values()]
    independent = "opaque" not in kinds and kinds.count("radical") <= 1
    return with_atoms(
        atoms,
        base,
        current.positive,
        current.exponents,
        current.symbols,
        independent,
        logs,
        current.angles,
    )
