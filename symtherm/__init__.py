"""symtherm derives the thermodynamics of open quantum systems as exact closed forms.

The public names, in the order in which a derivation flows; each is imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    # symbols and zero tests
    "parameters": "exact.alphabet",
    "functions": "exact.alphabet",
    "is_zero": "exact.decide",
    # spaces, operators, states
    "HilbertSpace": "quantum.space",
    "Operator": "quantum.operator",
    "tensor": "quantum.operator",
    "ptrace": "quantum.operator",
    "ket2dm": "quantum.operator",
    "commutator": "quantum.operator",
    "anticommutator": "quantum.operator",
    "basis": "quantum.standard",
    "qeye": "quantum.standard",
    "sigmax": "quantum.standard",
    "sigmay": "quantum.standard",
    "sigmaz": "quantum.standard",
    "sigmap": "quantum.standard",
    "sigmam": "quantum.standard",
    "destroy": "quantum.standard",
    "create": "quantum.standard",
    "num": "quantum.standard",
    "swap": "quantum.standard",
    "expect": "quantum.state",
    "gibbs_state": "quantum.state",
    "Spectrum": "quantum.spectrum",
    "liouvillian": "quantum.superoperator",
    # baths
    "bose": "baths.statistics",
    "fermi": "baths.statistics",
    "flat": "baths.spectral",
    "ohmic": "baths.spectral",
    "ohmic_cutoff": "baths.spectral",
    "drude": "baths.spectral",
    "ThermalBath": "baths.bath",
    "Lead": "baths.bath",
    "SqueezedBath": "baths.squeezed",
    # dynamics
    "Generator": "dynamics.generator",
    "Trait": "dynamics.generator",
    "gkls": "dynamics.gkls",
    "Coupling": "dynamics.davies",
    "davies": "dynamics.davies",
    "collision": "dynamics.collision",
    "redfield": "dynamics.redfield",
    "secular": "dynamics.redfield",
    "pauli": "dynamics.pauli",
    "propagator": "dynamics.evolution",
    "evolve": "dynamics.evolution",
    "kossakowski": "dynamics.positivity",
    "canonical_form": "dynamics.positivity",
    "choi": "dynamics.channels",
    "kraus": "dynamics.channels",
    "stinespring": "dynamics.channels",
    "steady_state": "dynamics.steady",
    # thermodynamics
    "von_neumann_entropy": "thermo.entropy",
    "relative_entropy": "thermo.entropy",
    "spohn_rate": "thermo.entropy",
    "total_spohn_rate": "thermo.entropy",
    "clausius_rate": "thermo.entropy",
    "mutual_information": "thermo.information",
    "free_energy": "thermo.information",
    "reservoir_balance": "thermo.information",
    "isospectral": "thermo.information",
    "heat_current": "thermo.currents",
    "particle_current": "thermo.currents",
    "power": "thermo.currents",
    "relaxation": "thermo.relaxation",
    "entropy_production": "thermo.decomposition",
    "decompose": "thermo.decomposition",
    "pinching": "thermo.decomposition",
    "nonsecular_balance": "thermo.nonsecular",
    "isothermal_steps": "thermo.strokes",
    "straight_process": "thermo.driving",
    "friction": "thermo.driving",
    "cycle_affinities": "thermo.affinity",
    "detailed_balance": "thermo.affinity",
    "equilibrium_populations": "thermo.affinity",
    "first_law": "thermo.firstlaw",
    "schnakenberg_rate": "thermo.network",
    "klein_inequality": "thermo.theorem",
    "data_processing": "thermo.theorem",
    "spohn_inequality": "thermo.theorem",
    "coherence_inequality": "thermo.theorem",
    "ledger": "thermo.ledger",
    "Claim": "thermo.claim",
    "Model": "thermo.model",
    # numbers
    "evaluator": "numeric.evaluator",
    "sweep": "numeric.sweep",
    "Axis": "numeric.grid",
    "certify": "reference",
    # derivations
    "prove": "derive.prove",
    "replay": "derive.replay",
    "thermodynamics": "derive.thermodynamics",
    # models
    "model": "models.library",
    "load_model": "models.reader",
}

__all__ = [*_NAMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'symtherm' has no attribute {name!r}")
    value = getattr(import_module(f"symtherm.{_NAMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
