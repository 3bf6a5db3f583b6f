"""A driving force as the difference of two products: n_c n_h (n_r + 1) - (n_c + 1)(n_h + 1) n_r.

For occupations n of bosons put X = n, Y = n + 1, so that 1 = Y - X; for letters s between 0 and 1
put X = s, Y = 1 - s, so that 1 = X + Y. Made homogeneous in every pair (X, Y), a polynomial that is
linear in each letter shows whether it is a difference of two products, forward and backward.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import sympy
from sympy import Expr

from symtherm.exact.fraction import Poly
from symtherm.exact.letters import Alphabet

__all__ = ["flux_difference"]

LETTERS = 6


def flux_difference(space: Alphabet, poly: Poly, names: Sequence[Expr]) -> Expr | None:
    """``poly`` as the difference of two products, written in ``names``; None if it is none.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> s, t, u = parameters("s t u")
    >>> A = alphabet([s, t, u], positive=[1 - s, 1 - t, 1 - u])
    >>> p = A.fraction(s * t * (1 - u) - (1 - s) * (1 - t) * u).num
    >>> flux_difference(A, p, (s, t, u))
    s*t*(1 - u) - u*(1 - s)*(1 - t)
    """
    degrees = poly.degrees()
    letters = [i for i, d in enumerate(degrees) if d and _is_letter(space, i)]
    if not 2 < len(letters) <= LETTERS or any(degrees[i] != 1 for i in letters):
        return None
    signs = [1 if space.atoms[i].sign == "unit" else -1 for i in letters]
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    for monomial, coefficient in poly.to_dict().items():
        powers = [int(k) for k in monomial]
        inside = [powers[i] for i in letters]
        rest = tuple(0 if i in letters else k for i, k in enumerate(powers))
        # A letter that is there is X; one that is not is X + Y or Y - X.
        choices = [((1, 1),) if k else ((0, 1), (1, s)) for k, s in zip(inside, signs, strict=True)]
        for choice in product(*choices):
            key = rest, tuple(x for x, _ in choice)
            weight = int(coefficient)
            for _, factor in choice:
                weight *= factor
            found[key] = found.get(key, 0) + weight
            if not found[key]:
                del found[key]
    if len(found) != 2 or len({c > 0 for c in found.values()}) != 2:
        return None
    terms = []
    for (rest, forward), weight in found.items():
        factors: list[Expr] = [sympy.Integer(weight)]
        factors += [names[i] ** k for i, k in enumerate(rest) if k]
        for i, x, s in zip(letters, forward, signs, strict=True):
            factors.append(names[i] if x else 1 - s * names[i])
        terms.append(sympy.Mul(*factors))
    return sympy.Add(*terms)


def _is_letter(space: Alphabet, index: int) -> bool:
    atom = space.atoms[index]
    return atom.sign == "unit" or (atom.kind == "occupation" and atom.chart == "bose")
