"""The models and regimes in which evaluators are timed and their digits are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import mpmath
import numpy as np
import sympy as sp

from symtherm import (
    ThermalBath,
    evaluator,
    gkls,
    ledger,
    model,
    parameters,
    qeye,
    sigmam,
    steady_state,
    tensor,
)
from symtherm.thermo.ledger import Ledger

TINY = 1e-290  # results below are not asked for

REGIMES = (
    "generic", "1e-6 from equilibrium", "1e-12 from equilibrium", "beta omega 1e-8 to 1e-3",
    "beta omega 1e-3 to 50", "beta omega 50 to 350", "beta omega 350 to 700", "stiff rates",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A model, the quantities that are timed, and what brings it to equilibrium.

    ``balance`` gives one parameter its value at equilibrium from the others.
    """

    name: str
    make: Callable[[], Ledger]
    timed: tuple[str, ...]
    balance: tuple[str, Callable[[dict[str, np.ndarray]], np.ndarray]]
    largest: Callable[[dict[str, np.ndarray]], np.ndarray]

    @cached_property
    def book(self) -> Ledger:
        return self.make()

    @cached_property
    def symbols(self) -> dict[str, sp.Symbol]:
        book = self.book
        found = book.generator.free_symbols | book.energy.free_symbols
        return {s.name: s for s in sorted(found, key=str)}

    @cached_property
    def exact(self) -> Callable[..., list[mpmath.mpf]]:
        """The expanded closed forms in mpmath: the twin of the rewritten ones."""
        exprs = [self.book.expression(name) for name in self.book.quantities]
        return sp.lambdify(list(self.symbols.values()), exprs, "mpmath", cse=True)

    def numeric(self, values: dict[str, np.ndarray], k: int):
        """(H, jumps by bath, E) at point k as NumPy matrices, straight from the operators."""
        at = {self.symbols[name]: sp.Float(float(v[k]), 17) for name, v in values.items()}
        L = self.book.generator

        def matrix(op) -> np.ndarray:
            m = np.zeros((op.shape[0],) * 2, dtype=complex)
            for (i, j), v in op.entries.items():
                m[i, j] = complex(v.xreplace(at).evalf())
            return m

        jumps = {
            d.label: [
                np.sqrt(float(j.rate.xreplace(at).evalf())) * matrix(j.operator) for j in d.jumps
            ]
            for d in L.dissipators
        }
        return matrix(L.hamiltonian), jumps, matrix(self.book.energy)

    def qutip(self, values: dict[str, np.ndarray], method: str) -> Callable[[int], object]:
        """QuTiP's steady state and heat currents from NumPy matrices that are there already."""
        import qutip

        prepared = [self.numeric(values, k) for k in range(30)]

        def run(count: int) -> list[float]:
            found = []
            for k in range(count):
                matrices = prepared[k % 30]
                H, E = qutip.Qobj(matrices[0]), qutip.Qobj(matrices[2])
                jumps = {a: [qutip.Qobj(c) for c in cs] for a, cs in matrices[1].items()}
                all_jumps = [c for cs in jumps.values() for c in cs]
                if method == "svd":
                    rho = qutip.steadystate(H, all_jumps, method="svd")
                else:
                    rho = qutip.steadystate(H, all_jumps)
                for cs in jumps.values():
                    flow = sum(
                        c * rho * c.dag() - 0.5 * (c.dag() * c * rho + rho * c.dag() * c)
                        for c in cs
                    )
                    found.append((E * flow).tr().real)
            return found

        return run

    def qthermo(self, values: dict[str, np.ndarray]) -> Callable[[int], object]:
        import qthermo

        prepared = [self.numeric(values, k) for k in range(10)]

        def run(count: int) -> list[object]:
            found = []
            for k in range(count):
                H, jumps, E = prepared[k % 10]
                baths = [
                    qthermo.Bath(a, cs, float(values[f"T_{a}"][k % 10])) for a, cs in jumps.items()
                ]
                found.append(qthermo.analyze(H, baths, energy=E))
            return found

        return run

    def batched(self, values: dict[str, np.ndarray]) -> Callable[[int], object]:
        """Entries of the block of the populations by ``lambdify``, then one batched solve."""
        state = self.book.state
        dim = self.book.generator.space.dim
        (block,) = [b for b in state.blocks if b[0] < dim]
        matrix = state.matrix.block(list(block))
        space = state.alphabet
        places = list(matrix.entries)
        entries = [
            state.expand(space.poly_expr(v.num) / space.poly_expr(v.den))
            for v in matrix.entries.values()
        ]
        function = sp.lambdify(list(self.symbols.values()), entries, "numpy", cse=True)
        size = matrix.size

        def run(count: int) -> np.ndarray:
            M = np.zeros((count, size, size))
            for (i, j), column in zip(
                places, function(**{n: v[:count] for n, v in values.items()}), strict=True
            ):
                M[:, i, j] = column
            M[:, 0, :] = [float(k < dim) for k in block]
            right = np.zeros((count, size, 1))
            right[:, 0] = 1.0
            return np.linalg.solve(M, right)

        return run


def refrigerator() -> Ledger:
    """Three qubits c, h, r with local baths and V = g (|110><001| + h.c.)."""
    wc, wh, Tc, Tr, Th = parameters("omega_c omega_h T_c T_r T_h")
    gc, gr, gh, g = parameters("gamma_c gamma_r gamma_h g")
    c, h, r = (tensor(*(sigmam() if i == k else qeye(2) for i in range(3))) for k in range(3))
    V = c * h * r.dag()
    E = wc * c.dag() * c + wh * h.dag() * h + (wc + wh) * r.dag() * r
    baths = [
        ThermalBath("c", Tc).jumps(c, frequency=wc, rate=gc),
        ThermalBath("h", Th).jumps(h, frequency=wh, rate=gh),
        ThermalBath("r", Tr).jumps(r, frequency=wc + wh, rate=gr),
    ]
    return ledger(steady_state(gkls(g * (V + V.dag()), baths)), energy=E)


_POPULATIONS = tuple(f"population[{a}{b}{c}]" for a in "eg" for b in "eg" for c in "eg")

MODELS = {
    case.name: case
    for case in (
        Case(
            "maser",
            lambda: model("three-level-maser").ledger,
            ("entropy_production",),
            ("T_h", lambda v: v["omega_h"] / (v["omega_c"] / v["T_c"])),
            lambda v: np.maximum(v["omega_h"] / v["T_h"], v["omega_c"] / v["T_c"]),
        ),
        Case(
            "refrigerator",
            refrigerator,
            (*_POPULATIONS, "heat[c]", "heat[h]"),
            (
                "T_r",
                lambda v: (
                    (v["omega_c"] + v["omega_h"])
                    / (v["omega_c"] / v["T_c"] + v["omega_h"] / v["T_h"])
                ),
            ),
            lambda v: (
                (v["omega_c"] + v["omega_h"]) / np.minimum(np.minimum(v["T_c"], v["T_h"]), v["T_r"])
            ),
        ),
        Case(
            "two-bath qubit",
            lambda: model("two-bath-qubit").ledger,
            (),
            ("T_h", lambda v: v["T_c"]),
            lambda v: v["omega"] / np.minimum(v["T_h"], v["T_c"]),
        ),
        Case(
            "quantum dot",
            lambda: model("quantum-dot").ledger,
            (),
            (
                "mu_r",
                lambda v: v["epsilon"] - (v["epsilon"] - v["mu_l"]) * v["T_r"] / v["T_l"],
            ),
            lambda v: np.maximum(
                abs(v["epsilon"] - v["mu_l"]) / v["T_l"], abs(v["epsilon"] - v["mu_r"]) / v["T_r"]
            ),
        ),
    )
}


def points(case: Case, regime: str, count: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random float points of a regime."""
    rng = np.random.default_rng(seed)

    def spread(low: float, high: float) -> np.ndarray:
        return np.exp(rng.uniform(np.log(low), np.log(high), count))

    found = {}
    for name in case.symbols:
        if (
            name.startswith(("omega", "T_"))
            or name in ("T", "mu_l", "mu_r")
            or (name == "epsilon" and "mu_l" in case.symbols)
        ):
            found[name] = spread(0.5, 3.0)
        elif regime == "stiff rates":
            found[name] = spread(1e-6, 1e6)
        else:
            found[name] = spread(0.05, 1.0)
    if regime.startswith("beta omega"):
        low, high = (float(word) for word in regime.split()[2::2])
        factor = spread(low, high) / case.largest(found)
        for name in found:
            if name.startswith("T_"):
                found[name] = found[name] / factor
    if regime.endswith("equilibrium"):
        name, balance = case.balance
        away = float(regime.split()[0]) * rng.uniform(0.5, 2, count) * rng.choice([-1, 1], count)
        found[name] = balance(found) * (1 + away)
    return found


def compared(
    case: Case,
    values: dict[str, np.ndarray],
    backend: str = "numpy",
    lost: int = 60,
    function: Callable[..., Mapping[str, np.ndarray]] | None = None,
) -> Iterator[tuple[dict[str, float], dict[str, mpmath.mpf]]]:
    """(floating-point, exact) values of all quantities, point by point.

    Exact ones are the expanded closed forms at 50 digits and ``lost`` more. ``function`` is another
    tool's, in place of the evaluator.
    """
    f = function or evaluator(case.book, list(values), backend=backend)
    got = f(**values)
    for k in range(len(next(iter(values.values())))):
        exact = [mpmath.mpf(float(values[name][k])) for name in case.symbols]
        with mpmath.workdps(50 + lost):
            want = [mpmath.mpf(w) for w in case.exact(*exact)]
        names = case.book.quantities
        yield {n: float(got[n][k]) for n in names}, dict(zip(names, want, strict=True))


def ulps(value: float, exact: mpmath.mpf, scale: float | None = None) -> float:
    """The error in units in the last place of the exact value, or of a larger scale.

    Infinite for nan; below ``TINY`` the value must only be as small.
    """
    if value != value:
        return np.inf
    if abs(exact) < TINY:
        return 0.0 if abs(value) < 2 * TINY else np.inf
    with mpmath.workdps(50):
        size = abs(float(exact)) if scale is None else max(scale, abs(float(exact)))
        return float(abs(mpmath.mpf(value) - exact) / np.spacing(size))


def errors(case: Case, regime: str, count: int, backend: str = "numpy") -> np.ndarray:
    """Errors in units in the last place of all quantities at all points.

    Negative entropy production counts as infinite.
    """
    # Products of up to three Boltzmann factors e^-700 cancel in the expanded forms.
    lost = 930 if regime.startswith("beta omega") else 60
    found = []
    for got, want in compared(case, points(case, regime, count), backend, lost):
        if not got["entropy_production"] >= 0:
            return np.array([np.inf])
        found += [ulps(got[name], want[name]) for name in want if abs(want[name]) >= TINY]
        assert all(ulps(got[name], want[name]) == 0 for name in want if abs(want[name]) < TINY)
    return np.array(found)
