"""Lamb shifts and correlation functions of baths as proved quadratures; no closed form is used.

In units of the cutoff c, z = x/c, w = omega/c, theta = T/c, a density is J = eta c z r(z) with
r = e^-z (Ohmic, exponential cutoff) or 1/(1 + z^2) (Drude), and J n = eta c theta r y(z/theta) with
y(u) = u/(e^u - 1). So

S(omega)/(eta c) = PV int_0^oo z r/(w - z) dz + theta PV int_0^oo r y(z/theta) 2w/(w^2 - z^2) dz.

*Principal value.* The integrands are real on the axis and analytic for 0 < |arg z| < pi/2 but for
the pole at |w|. The principal value is the mean of the integrals along a path above the pole and
along its mirror image, which are complex conjugates: it is the real part of the first. The path is
0, |w| (1 + i/2), B.

*Tails.* r falls, so from B > |w| on the first term is at most e^-B B/(B - |w|) for the exponential
cutoff, and with z = B/u it is int_0^1 B^2/((B^2 + u^2)(w u - B)) du (Drude). The second is at most
r(B) theta (B + theta) e^(-B/theta)/(1 - e^(-B/theta)) 2|w|/(B^2 - w^2), as z n(z) is at most
z e^(-z/theta)/(1 - e^(-B/theta)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy

from symtherm.baths.spectral import Drude, OhmicCutoff, SpectralDensity
from symtherm.errors import OutOfDomain, OutsideClosedForm
from symtherm.exact.balls import Enclosure
from symtherm.exact.quadrature import along, complex_ball, widened, working_bits, x_over_expm1
from symtherm.exact.refine import NotYet, ball_of, refine, scalars
from symtherm.exact.scalar import scalar

__all__ = ["enclose_correlation", "enclose_lamb_shift"]


def _r(spectral: Any) -> Callable[[Any], Any]:
    if isinstance(spectral, OhmicCutoff):
        return lambda z: (-z).exp()
    return lambda z: 1 / (1 + z * z)


def _required(spectral: Any, what: str) -> None:
    if not isinstance(spectral, (OhmicCutoff, Drude)):
        raise OutsideClosedForm(
            f"{what} of the density {spectral}",
            found="an integral that diverges without a cutoff",
            advice="use ohmic_cutoff(eta, cutoff) or drude(eta, cutoff)",
        )


def _far(scale: Any, least: Any) -> Any:
    """An exact B with e^(-B/scale) below 2^-bits, beyond ``least``."""
    reach = float(scale.abs_upper()) * working_bits() * 0.7 + 2 * float(least.abs_upper()) + 1
    return ball_of(sympy.Integer(int(reach) + 1))


def enclose_lamb_shift(
    spectral: SpectralDensity,
    omega: Any,
    T: Any,
    at: Mapping[Any, Any],
    digits: int = 50,
    seconds: float | None = None,
) -> Enclosure:
    """S(omega) = PV int_0^oo J(x) [(n + 1)/(omega - x) + n/(omega + x)] dx, with a proved radius.

    omega of either sign or zero, T >= 0; J is that of ``ohmic_cutoff`` or ``drude``. S is
    the energy that multiplies A^+(omega) A(omega) in the Hamiltonian. Covers what has no closed
    form here: the exponential cutoff at T > 0 and Drude's density at T = 0. At T > 0 the cost grows
    as digits^2.5.

    Raises OutsideClosedForm for a density without cutoff, OutOfDomain for T < 0 or a cutoff that is
    not positive, UnknownSymbol, and Undecided, saying how many digits were proved.

    >>> from symtherm import ohmic_cutoff
    >>> print(enclose_lamb_shift(ohmic_cutoff(1, 5), 1, 0, {}, 20))
    -5.6728006649831373190 +/- 3.2e-20
    """
    _required(spectral, "The Lamb shift")
    cutoff, eta = spectral.cutoff, spectral.eta  # type: ignore[union-attr]
    exprs = (eta, cutoff, scalar(omega, "The frequency"), scalar(T, "The temperature"))
    exprs = (exprs[0], exprs[1], exprs[2] / cutoff, exprs[3] / cutoff)
    known = scalars(exprs, dict(at))
    exact = [e.xreplace(dict(at)) for e in exprs]
    _positive(exact[1], exact[3])
    r = _r(spectral)

    def compute() -> dict[str, Any]:
        values = known()
        strength, c, w, theta = (values[e] for e in exprs)
        if w.contains(0) and exact[2] != 0:
            raise NotYet
        total = _vacuum(spectral, r, w)
        if exact[3] != 0 and exact[2] != 0:
            total = total + theta * _thermal(r, w, theta)
        return {"S": strength * c * total}

    return refine(compute, digits, "a Lamb shift", seconds=seconds)["S"]


def _positive(cutoff: Any, T: Any) -> None:
    if cutoff.is_positive is False or T.is_negative:
        raise OutOfDomain(
            "An integral over a bath",
            found=f"cutoff {cutoff}, T/cutoff = {T}",
            advice="give a cutoff > 0 and T >= 0",
        )


def _around(f: Callable[[Any, bool], Any], w: Any, B: Any, pole: bool) -> Any:
    """Re of the integral from 0 to B, above |w| where there is a pole."""
    size = abs(w).mid()
    corners = [complex_ball(size, size / 2)] if pole else []
    return along(f, [complex_ball(0), *corners, complex_ball(B)]).real


def _vacuum(spectral: Any, r: Callable[[Any], Any], w: Any) -> Any:
    """PV int_0^oo z r/(w - z) dz; -int r dz at w = 0."""
    still, above = w == 0, bool(w > 0)

    def f(z: Any, analytic: bool) -> Any:
        return -r(z) if still else z * r(z) / (w - z)

    if isinstance(spectral, Drude):
        B = _far(ball_of(sympy.Integer(0)), w)

        def rest(u: Any, analytic: bool) -> Any:
            return B * B / ((B * B + u * u) * (w * u - B))

        return _around(f, w, B, above) + along(rest, [complex_ball(0), complex_ball(1)]).real
    B = _far(ball_of(sympy.Integer(1)), w)
    return widened(_around(f, w, B, above), (-B).exp() * B / (B - abs(w)))


def _thermal(r: Callable[[Any], Any], w: Any, theta: Any) -> Any:
    """PV int_0^oo r y(z/theta) 2w/(w^2 - z^2) dz."""
    B = _far(theta, w)

    def f(z: Any, analytic: bool) -> Any:
        return r(z) * x_over_expm1(z / theta) * 2 * w / (w * w - z * z)

    small = (-B / theta).exp()
    tail = r(B) * (B + theta) * small / (1 - small) * 2 * abs(w) / (B * B - w * w)
    return widened(_around(f, w, B, True), tail)


def enclose_correlation(
    spectral: SpectralDensity,
    T: Any,
    t: Any,
    at: Mapping[Any, Any],
    digits: int = 50,
    seconds: float | None = None,
) -> tuple[Enclosure, Enclosure]:
    """Re and Im of C(t) = int_0^oo J(x) [(n + 1) e^(-ixt) + n e^(ixt)] dx for t > 0, T >= 0.

    The first term is integrated along arg z = -pi/4, the second along pi/4: there are no poles
    between these rays and the axis, on the arcs the exponentials and 1/z decay (Jordan), and on the
    rays |e^(-izt)| = e^(-s t/sqrt 2). So Drude's 1/z costs nothing. With z = B e^(-i pi/4) onwards
    the rest is at most (1 + 2 n) B e^(-B t/sqrt 2) times the same over t and t^2.

    Raises as :func:`enclose_lamb_shift`; OutOfDomain for t <= 0.

    >>> from symtherm import ohmic_cutoff
    >>> re, im = enclose_correlation(ohmic_cutoff(1, 1), 0, 1, {}, 10)  # 1/(1 + i)^2 = -i/2
    >>> re.value, im.value
    ('0', '-0.5000000000')
    """
    _required(spectral, "The correlation function")
    cutoff, eta = spectral.cutoff, spectral.eta  # type: ignore[union-attr]
    exprs = (eta, cutoff, scalar(t, "The time") * cutoff, scalar(T, "The temperature") / cutoff)
    known = scalars(exprs, dict(at))
    exact = [e.xreplace(dict(at)) for e in exprs]
    _positive(exact[1], exact[3])
    if not exact[2].is_positive:
        raise OutOfDomain(
            "A correlation function", found=f"t * cutoff = {exact[2]}", advice="t > 0"
        )
    r = _r(spectral)

    def compute() -> dict[str, Any]:
        values = known()
        strength, c, tau, theta = (values[e] for e in exprs)
        total = _ray(r, tau, theta if exact[3] != 0 else None)
        factor = strength * c * c
        return {"re": factor * total.real, "im": factor * total.imag}

    found = refine(compute, digits, "a correlation function", seconds=seconds)
    return found["re"], found["im"]


def _ray(r: Callable[[Any], Any], tau: Any, theta: Any) -> Any:
    """int z r [(n + 1) e^(-iz tau) + n e^(iz tau)], each along its ray, in units of the cutoff.

    As r(conj z) = conj r(z), the second is the conjugate of int z r n e^(-iz tau) along the first
    ray. There |r| <= 1: |e^-z| < 1, |1 + z^2|^2 = 1 + s^4. And |n| <= n(Re z), at most
    1/(e^(B/(sqrt 2 theta)) - 1) beyond B.
    """
    root = ball_of(sympy.Integer(2)).sqrt()
    unit = complex_ball(1 / root, -1 / root)
    B = _far(root / tau, ball_of(sympy.Integer(0)))
    end = unit * B

    def turn(z: Any) -> Any:
        return (complex_ball(0, -1) * z * tau).exp()

    first = along(lambda z, analytic: z * r(z) * turn(z), [complex_ball(0), end])
    k = tau / root
    rest = (-k * B).exp() * (B / k + 1 / (k * k))  # int_B^oo s e^(-ks) ds
    if theta is None:
        return _widened(first, rest)
    thermal = along(
        lambda z, analytic: theta * r(z) * x_over_expm1(z / theta) * turn(z),
        [complex_ball(0), end],
    )
    n = 1 / (B / (root * theta)).expm1()
    return _widened(first + thermal + thermal.conjugate(), rest * (1 + 2 * n))


def _widened(value: Any, error: Any) -> Any:
    return complex_ball(widened(value.real, error), widened(value.imag, error))
