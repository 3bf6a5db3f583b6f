"""Where QuTiP loses digits: ``python -m tests.against.reference_qutip``.

Steady states of the shipped set by ``qutip.steadystate`` (default method): the worst number of
correct digits of a population, per model and regime, and the row where it happens.
"""

from __future__ import annotations

import warnings

import numpy as np
import qutip

from symtherm.reference import load


def worst_digits(case, method: str = "direct") -> float:
    """Correct digits of the least accurate population; -1 where the solver gives up."""
    collapse = [qutip.Qobj(A) for A in case.collapse_operators()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rho = qutip.steadystate(qutip.Qobj(case.hamiltonian()), collapse, method=method).full()
    except Exception:  # whatever a solver raises, it found no state
        return -1.0
    if not np.isfinite(rho).all():
        return -1.0
    return min(
        case.digits(f"population[{label}]", rho[k, k].real) for k, label in enumerate(case.levels)
    )


def main(limit: int = 10) -> None:
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for case in load("/steady/").cases():
        rows = found.setdefault((case.row.model, case.row.regime), [])
        if len(rows) < limit:
            rows.append((worst_digits(case), case.id))
    for (model, regime), rows in found.items():
        digits, row = min(rows)
        print(f"{model:<18} {regime:<17} worst {digits:5.1f} digits at {row}")


if __name__ == "__main__":
    main()
