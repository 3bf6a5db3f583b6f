"""Where numeric packages lose digits: ``python -m tests.against.reference_tools``.

Steady states of the shipped set by QuTiP (``steadystate``, its default method and ``svd``) and by
qthermo (``analyze``); a package that is not installed is left out. Printed are the median and the
worst number of correct digits per model and regime, for populations, heats and the entropy
production, and the row of the worst. -1 is no digit at all: a wrong sign, nan, or a solver that gives
up.
"""

from __future__ import annotations

import argparse
import importlib.util
import warnings
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np

from symtherm.reference import load

Values = dict[str, float]


def thermodynamics(case, rho: np.ndarray) -> Values:
    """Populations, heats and the entropy production of a state, in doubles."""
    found = {f"population[{x}]": rho[k, k].real for k, x in enumerate(case.levels)}
    E, N = case.energy(), case.number()
    flows: dict[str, np.ndarray] = {}
    for label, rate, L in case.jumps():
        LL = L.conj().T @ L
        flow = rate * (L @ rho @ L.conj().T - (LL @ rho + rho @ LL) / 2)
        flows[label] = flows.get(label, 0) + flow
    sigma = 0.0
    for label, flow in flows.items():
        T, mu = case.bath(label) or (np.inf, 0.0)
        heat = np.trace((E if N is None else E - mu * N) @ flow).real
        found[f"heat[{label}]"] = heat
        sigma -= heat / T
    return {**found, "entropy_production": sigma}


def by_qutip(method: str) -> Callable[..., Values]:
    import qutip

    def run(case) -> Values:
        collapse = [qutip.Qobj(A) for A in case.collapse_operators()]
        rho = qutip.steadystate(qutip.Qobj(case.hamiltonian()), collapse, method=method)
        return thermodynamics(case, rho.full())

    return run


def by_qthermo(case) -> Values:
    """Its own heats and entropy production; leads have chemical potentials, which it has not."""
    import qthermo

    operators: dict[str, list[np.ndarray]] = {}
    for label, rate, L in case.jumps():
        operators.setdefault(label, []).append(np.sqrt(rate) * L)
    baths = [qthermo.Bath(x, found, case.bath(x)[0]) for x, found in operators.items()]
    found = qthermo.analyze(case.hamiltonian(), baths, energy=case.energy())
    values = {f"population[{x}]": found.rho[k, k].real for k, x in enumerate(case.levels)}
    if case.number() is not None:
        return values
    heats = {f"heat[{x}]": float(found.currents[x]) for x in operators}
    return {**values, **heats, "entropy_production": float(found.entropy_production_rate)}


def tools() -> Iterator[tuple[str, Callable[..., Values]]]:
    """The packages that are installed."""
    if importlib.util.find_spec("qutip"):
        yield "qutip direct", by_qutip("direct")
        yield "qutip svd", by_qutip("svd")
    if importlib.util.find_spec("qthermo"):
        yield "qthermo", by_qthermo


def digits(case, run: Callable[..., Values]) -> dict[str, float]:
    """Correct digits of every quantity, 17 at most; errors count from 1e-300."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = run(case)
    except (ArithmeticError, ValueError, RuntimeError, Warning, np.linalg.LinAlgError):
        return dict.fromkeys(case.exact, -1.0)  # the solver found no state, or says so
    except Exception as error:
        if not type(error).__module__.startswith(("qutip", "qthermo")):
            raise
        return dict.fromkeys(case.exact, -1.0)
    return {
        name: max(-1.0, case.digits(name, value)) for name, value in found.items()
        if name in case.exact and case.exact[name].value != "0"
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=80, help="rows per model and regime")
    options = parser.parse_args()
    groups: dict[tuple[str, str], list] = {}
    for case in load("/steady/").cases():
        rows = groups.setdefault((case.row.model, case.row.regime), [])
        if len(rows) < options.limit:
            rows.append(case)
    kinds = {"population": "populations", "heat": "heats", "entropy_production": "sigma"}
    print("median/worst correct digits; the row is that of the worst sigma or population")
    print(
        f"{'model':<18} {'regime':<17} {'tool':<13} " + " ".join(f"{k:>12}" for k in kinds.values())
    )
    for (model, regime), cases in groups.items():
        for tool, run in tools():
            found = [(case.id, digits(case, run)) for case in cases]
            cells, place = [], ""
            for kind in kinds:
                scores = [
                    (min(v for n, v in row.items() if n.split("[")[0] == kind), key)
                    for key, row in found
                    if any(n.split("[")[0] == kind for n in row)
                ]
                if not scores:
                    cells.append(f"{'-':>12}")
                    continue
                worst, place = min(scores)
                cells.append(f"{median(s for s, _ in scores):>6.1f}/{worst:>5.1f}")
            print(f"{model:<18} {regime:<17} {tool:<13} {' '.join(cells)}  {place}", flush=True)


if __name__ == "__main__":
    main()
