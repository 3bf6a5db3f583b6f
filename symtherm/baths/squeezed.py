"""Squeezed thermal baths: in a rotating frame the jumps mix lowering and raising.

A broadband squeezed bath at T with squeezing r and phase phi acts through
R = cosh(r) A + e^{i phi} sinh(r) A^+ with the rates gamma (n + 1) for R and gamma n for R^+, where
A is the lowering operator in the frame that rotates at omega. With N = n cosh(2r) + sinh(r)^2 and
M = -e^{i phi} sinh(r) cosh(r)(2n + 1) this is the textbook form gamma (N + 1) D[A] + gamma N D[A^+]
and squeezing terms with M (Breuer and Petruccione, section 3.4.3). Work is not counted in the bath:
it has no Gibbs stationary state, and dS/dt - J/T is no second law for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.baths.bath import Jump
from symtherm.baths.statistics import bose
from symtherm.errors import OutOfDomain, require
from symtherm.exact.scalar import scalar
from symtherm.quantum.operator import Operator

__all__ = ["SqueezedBath"]


@dataclass(frozen=True, slots=True, init=False)
class SqueezedBath:
    """Bosons at temperature ``T`` squeezed by ``r`` with the phase ``phase``.

    >>> T, r, w = sympy.symbols("T r omega", positive=True)
    >>> SqueezedBath("s", T, r).quanta(w).subs(r, 0)
    1/(exp(omega/T) - 1)
    """

    label: str
    T: Expr
    r: Expr
    phase: Expr

    def __init__(self, label: str, T: Any, r: Any, phase: Any = 0) -> None:
        require(label, str, "The label of a bath is text", 'write SqueezedBath("s", T, r)')
        value = scalar(T, f"The temperature of bath {label!r}")
        if value.is_nonpositive:
            raise OutOfDomain(f"Bath {label!r} at temperature {value}", advice="use T > 0")
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "T", value)
        object.__setattr__(self, "r", scalar(r, "The squeezing"))
        object.__setattr__(self, "phase", scalar(phase, "The phase of the squeezing"))

    def quanta(self, omega: Expr) -> Expr:
        """N = n cosh(2r) + sinh(r)^2, the mean number of quanta."""
        n = bose(omega / self.T)
        return n * (sympy.cosh(self.r) ** 2 + sympy.sinh(self.r) ** 2) + sympy.sinh(self.r) ** 2

    def effective_temperature(self, omega: Expr) -> Expr:
        """omega/ln((N + 1)/N) >= T, the temperature of the diagonal state that a qubit reaches."""
        N = self.quanta(omega)
        return omega / sympy.log((N + 1) / N)

    def jumps(self, operator: Operator, *, frequency: Any, rate: Any) -> list[Jump]:
        """rate (n + 1) D[R] + rate n D[R^+] with R = cosh(r) A + e^{i phase} sinh(r) A^+.

        ``operator`` is A, which lowers by ``frequency``; the Hamiltonian given to ``gkls`` must be
        that of the frame rotating at ``frequency``.

        >>> from symtherm import sigmam
        >>> T, r, w, g = sympy.symbols("T r omega gamma", positive=True)
        >>> [j.label for j in SqueezedBath("s", T, r).jumps(sigmam(), frequency=w, rate=g)]
        ['s', 's']
        """
        require(operator, Operator, "The operator of a jump is an Operator")
        n = bose(scalar(frequency, "The frequency of a jump") / self.T)
        gamma = scalar(rate, "The rate of a jump")
        turn = sympy.exp(sympy.I * self.phase)
        R = sympy.cosh(self.r) * operator + turn * sympy.sinh(self.r) * operator.dag()
        return [Jump(R, gamma * (n + 1), self.label), Jump(R.dag(), gamma * n, self.label)]
