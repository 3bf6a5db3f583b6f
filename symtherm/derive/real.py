"""Claims whose expressions contain imaginary units that cancel."""

from __future__ import annotations

from dataclasses import replace

import sympy

from symtherm.exact.alphabet import alphabet
from symtherm.exact.complex import pair
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import without_units

__all__ = ["real_claim"]


def real_claim(claim: Claim) -> Claim:
    """The claim in real terms, where the imaginary part of its difference is zero in normal form.

    A matrix element such as <e|L(rho)|e> is real, but may be written with units that cancel.

    >>> from symtherm import parameters
    >>> x = parameters("x")
    >>> print(real_claim(Claim((x + sympy.I) * (x - sympy.I), ">=", 1)))
    x**2 >= 0
    """
    difference = claim.difference
    if not difference.has(sympy.I):
        return claim
    if pair(alphabet([difference]), difference)[1]:
        return claim  # complex: no claim about order, and refused by name as it is
    return replace(claim, lhs=without_units(difference), rhs=sympy.Integer(0))
