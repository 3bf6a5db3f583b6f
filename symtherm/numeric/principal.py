"""Lamb shifts by principal-value quadrature: the second route to the closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp

__all__ = ["lamb_integral", "principal_value"]


def principal_value(f: Callable[[Any], Any], pole: Any, scale: Any, digits: int = 40) -> Any:
    """PV int_0^oo f(x)/(pole - x) dx for pole > 0 and f smooth, decaying on ``scale`` (mpf).

    On [0, 2 pole] the two halves are folded, int_0^pole (f(pole - s) - f(pole + s))/s ds, which is
    smooth; the rest has no singularity. Tanh-sinh quadrature on pieces of the size of ``scale``.

    >>> value = principal_value(lambda x: mp.exp(-x), mp.mpf(1), mp.mpf(1), 20)
    >>> mp.nprint(value, 10)  # e^{-1} Ei(1)
    0.6971748832
    """
    with mp.workdps(digits + 15):

        def folded(s: Any) -> Any:
            if s == 0:
                return -2 * mp.diff(f, pole)
            return (f(pole - s) - f(pole + s)) / s

        near = mp.quad(folded, [0, pole / 2, pole])
        cuts = [2 * pole + k * scale for k in (0, 1, 3, 7, 15, 31, 63, 127)]
        far = mp.quad(lambda x: f(x) / (pole - x), [*cuts, mp.inf])
    with mp.workdps(digits):
        return mp.mpf(mp.nstr(near + far, digits + 5))


def lamb_integral(
    density: Callable[[Any], Any], omega: Any, T: Any, scale: Any, digits: int = 40
) -> Any:
    """S(omega) = PV int_0^oo J [(n + 1)/(omega - x) + n/(omega + x)] dx for omega > 0 (mpf).

    ``density`` is J on mpmath numbers; T = 0 leaves the first term with n = 0.

    >>> value = lamb_integral(lambda x: x * mp.exp(-x), mp.mpf(1), 0, mp.mpf(1), 15)
    >>> mp.nprint(value, 8)  # -1 + e^{-1} Ei(1)
    -0.30282512
    """
    with mp.workdps(digits + 15):

        def occupation(x: Any) -> Any:
            return mp.mpf(0) if T == 0 else 1 / mp.expm1(x / T)

        def absorbed(x: Any) -> Any:  # J n is finite at 0
            return density(x) * occupation(x) if x else mp.mpf(0)

        first = principal_value(
            lambda x: density(x) + absorbed(x) if x else absorbed(x), omega, scale, digits
        )
        if T == 0:
            return first
        cuts = [0, scale / 4, scale, 3 * scale, 9 * scale, 27 * scale, 81 * scale]
        second = mp.quad(lambda x: absorbed(x) / (omega + x), [*cuts, mp.inf])
    with mp.workdps(digits):
        return first + second
