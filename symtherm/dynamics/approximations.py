"""From H_S + H_B + A x B to Redfield and Davies, one named approximation after the other.

Exact. With V = A x B, Tr[B rho_B] = 0 and V(-s) = e^{-i(H_S + H_B)s} V e^{i(H_S + H_B)s}, the
equation for the whole, inserted into itself once and traced over the bath, has the memory
-Tr_B[V, e^{-iH_0 s}[V, rho_SB(t - s)] e^{iH_0 s}].

Born: rho_SB(t - s) is replaced by rho(t - s) x rho_B; drops correlations, an error of fourth order
in V where the odd moments of B vanish. With C(s) = Tr[B(s) B rho_B] the memory is then

    rho' = -i[H_S, rho] + int_0^t ds K(s) rho(t - s),
    K(s) x = -[A, C(s) e^{-iH_S s} A x e^{iH_S s} - C(s)* e^{-iH_S s} x A e^{iH_S s}].

Markov: rho(t - s) is replaced by e^{iH_S s} rho(t) e^{-iH_S s} and the end t by infinity; drops the
change of rho in the interaction picture during the bath's memory. With X(s) = C(s) A(-s),
A(-s) = sum_omega e^{i omega s} A(omega),

    K_M(s) rho = X(s) rho A - A X(s) rho + its adjoint,

which with int_0^oo ds e^{i omega s} C(s) = Gamma(omega) is Redfield's equation.

Secular: entries that turn in the interaction picture are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.davies import Coupling
from symtherm.dynamics.redfield import redfield, secular
from symtherm.errors import MissingTrait, UnknownQuantity
from symtherm.exact.decide import is_zero
from symtherm.quantum.operator import Operator, commutator, ptrace, tensor
from symtherm.quantum.spectrum import Spectrum
from symtherm.quantum.superoperator import Superoperator

__all__ = [
    "Approximation",
    "approximations",
    "born_kernel",
    "correlation",
    "interaction_picture",
    "markov_kernel",
    "second_order_kernel",
    "turning",
]


def interaction_picture(operator: Operator, energy: Operator, s: Any) -> Operator:
    """e^{-iHs} A e^{iHs} for an H that is diagonal in the levels.

    >>> from symtherm import parameters, sigmam, sigmaz
    >>> w, s = parameters("omega s")
    >>> print(interaction_picture(sigmam(), w / 2 * sigmaz(), s))
    exp(I*omega*s)*|g><e|
    """
    _diagonal(energy)
    entries = {
        (i, j): v * sympy.exp(-sympy.I * sympy.expand((energy[i, i] - energy[j, j]) * s))
        for (i, j), v in operator.entries.items()
    }
    return Operator.of(operator.space, entries)


def _diagonal(energy: Operator) -> None:
    if any(i != j for i, j, _ in energy.data):
        raise MissingTrait(
            "The interaction picture in closed form",
            found="an energy that is not diagonal in the levels",
            advice="bring the model to the eigenbasis with Spectrum.of and to_eigenbasis",
        )


def correlation(B: Operator, rho_B: Operator, energy: Operator, s: Any) -> Expr:
    """C(s) = Tr[e^{iH_B s} B e^{-iH_B s} B rho_B] of a bath with a diagonal H_B.

    >>> from symtherm import Operator, parameters, sigmax, sigmaz
    >>> w, s, p = parameters("omega s p")
    >>> rho = Operator.of(sigmaz().space, {(0, 0): p, (1, 1): 1 - p})
    >>> correlation(sigmax(), rho, w / 2 * sigmaz(), s)
    p*exp(I*omega*s) + (1 - p)*exp(-I*omega*s)
    """
    product: Operator = interaction_picture(B, energy, -s) * B * rho_B
    return product.tr()


def second_order_kernel(
    A: Operator, B: Operator, H_S: Operator, H_B: Operator, rho_B: Operator, s: Any
) -> Callable[[Operator], Operator]:
    """x -> -Tr_B[V, e^{-iH_0 s}[V, x x rho_B] e^{iH_0 s}] with V = A x B, by double commutator.

    This is the Born step on the operators of system and bath, without a correlation function.
    Raises MissingTrait where Tr[B rho_B] is not zero (move it into H_S first).
    """
    mean: Operator = B * rho_B
    if is_zero(mean.tr()) is not True:
        raise MissingTrait(
            "The Born approximation needs a bath operator without a mean",
            found=f"Tr[B rho_B] = {mean.tr()}",
            advice="subtract it from B and add A Tr[B rho_B] to H_S",
        )
    V = tensor(A, B)
    one_S, one_B = (Operator.of(x.space, {(i, i): 1 for i in range(x.space.dim)}) for x in (A, B))
    H_0 = tensor(H_S, one_B) + tensor(one_S, H_B)
    kept = list(range(len(A.space.dims)))

    def kernel(x: Operator) -> Operator:
        inner = interaction_picture(commutator(V, tensor(x, rho_B)), H_0, s)
        return -ptrace(commutator(V, inner), kept)

    return kernel


def born_kernel(A: Operator, H_S: Operator, C: Expr, s: Any) -> Callable[[Operator], Operator]:
    """K(s) of rho' = -i[H_S, rho] + int_0^t ds K(s) rho(t - s), from the correlation function.

    ``C`` is C(s) at the symbol ``s``; C(-s) = C(s)* for a stationary bath.

    >>> from symtherm import parameters, sigmax, sigmaz, qeye
    >>> w, s = parameters("omega s")
    >>> born_kernel(sigmax(), w * sigmaz(), sympy.exp(-sympy.I * s), s)(qeye(2)).tr()
    0
    """
    back = sympy.conjugate(C)

    def kernel(x: Operator) -> Operator:
        inner = interaction_picture(C * (A * x) - back * (x * A), H_S, s)
        return -commutator(A, inner)

    return kernel


def markov_kernel(A: Operator, H_S: Operator, C: Expr, s: Any) -> Callable[[Operator], Operator]:
    """K_M(s) rho = K(s) e^{iH_S s} rho e^{-iH_S s} = X rho A - A X rho + adjoint, X = C(s) A(-s).

    >>> from symtherm import parameters, sigmax, sigmaz, qeye
    >>> w, s = parameters("omega s")
    >>> markov_kernel(sigmax(), w * sigmaz(), sympy.exp(-sympy.I * s), s)(qeye(2)).tr()
    0
    """
    X = C * interaction_picture(A, H_S, s)
    back = X.dag()

    def kernel(rho: Operator) -> Operator:
        first: Operator = X * rho * A - A * X * rho
        total: Operator = first + A * rho * back - rho * back * A
        return total

    return kernel


def turning(
    superoperator: Superoperator, spectrum: Spectrum, *, same: Mapping[Any, Any] | None = None
) -> dict[tuple[int, int], Expr]:
    """What :func:`secular` drops: entry -> the frequency at which it turns.

    >>> from symtherm import HilbertSpace, liouvillian, parameters, sigmax
    >>> w = parameters("omega")
    >>> q = HilbertSpace("q", levels="ge")
    >>> turning(liouvillian(sigmax()), Spectrum(q, (0, w)))[1, 0]
    omega
    """
    kept = secular(superoperator, spectrum, same=same).entries
    E, d = spectrum.energies, superoperator.dim
    found = {}
    for row, column in superoperator.entries:
        if (row, column) not in kept:
            (b, a), (j, i) = divmod(row, d), divmod(column, d)
            found[row, column] = sympy.expand(E[a] - E[b] - E[i] + E[j])
    return found


@dataclass(frozen=True, slots=True)
class Approximation:
    """A named step: what it assumes, what it drops, and the equation that is left.

    ``equation`` is a kernel K(s) for the steps with memory and a superoperator afterwards.
    """

    name: str
    assumes: str
    drops: str
    equation: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.assumes}; drops {self.drops}"


def approximations(
    spectrum: Spectrum, couplings: Sequence[Coupling], C: Mapping[str, Expr], s: Symbol
) -> tuple[Approximation, ...]:
    """Born, Markov and secular for a model, each as an object to compute with.

    ``C`` gives the correlation function of every bath at the symbol ``s``. The last two equations
    are those of ``redfield`` and ``davies(..., lamb_shift=True)``, in which C enters through
    gamma(omega) = 2 Re Gamma(omega) and S(omega) = Im Gamma(omega).

    >>> from symtherm import HilbertSpace, ThermalBath, ohmic, parameters
    >>> from symtherm.baths.spectral import mode_correlation
    >>> w, T, s, eta = parameters("omega T s eta")
    >>> q = HilbertSpace("q", levels="ge")
    >>> x = q.kets[0] * q.kets[1].dag() + q.kets[1] * q.kets[0].dag()
    >>> model = Spectrum(q, (0, w)), [Coupling(ThermalBath("b", T), x, ohmic(eta))]
    >>> for step in approximations(*model, {"b": mode_correlation(1, w, T, s)}, s):
    ...     print(step.name)
    Born
    Markov
    secular
    """
    H = spectrum.hamiltonian
    for c in couplings:
        if c.bath.label not in C:
            raise UnknownQuantity(
                f"The correlation function of the bath {c.bath.label!r}",
                found=f"those of {', '.join(C) or 'none'}",
                advice=f'give C = {{"{c.bath.label}": C(s)}}',
            )
    kernels = [
        born_kernel(spectrum.to_eigenbasis(c.operator), H, C[c.bath.label], s) for c in couplings
    ]

    def memory(x: Operator) -> Operator:
        total = 0 * x
        for kernel in kernels:
            total = total + kernel(x)
        return total

    full = redfield(spectrum, couplings).superoperator()
    dropped = sorted({str(w) for w in turning(full, spectrum).values()})
    return (
        Approximation(
            "Born",
            "rho_SB(t - s) = rho(t - s) x rho_B",
            "correlations of system and bath, fourth order in the coupling",
            memory,
        ),
        Approximation(
            "Markov",
            "rho(t - s) = e^{iHs} rho(t) e^{-iHs}, the memory integral up to infinity",
            "the change of rho in the interaction picture while C(s) lasts",
            full,
        ),
        Approximation(
            "secular",
            "rates small against every frequency that is dropped",
            f"{len(turning(full, spectrum))} entries that turn at " + ", ".join(dropped),
            secular(full, spectrum),
        ),
    )
