"""The checker's rule for networks: entropy production as a sum of flux times force over edges.

For a master equation with rates w_ij from j to i, each edge e = (i, j) has the fluxes
a = w_ij p_j and b = w_ji p_i and the force ln(a/b) = x_e + ln(p_j/p_i), x_e = ln(w_ij/w_ji). In a
stationary state sum_e (a - b) ln(p_j/p_i) = 0, because the net flux into every state vanishes, so

    sum_e (a - b) x_e = sum_e (a - b)(ln a - ln b) >= 0

edge by edge (Schnakenberg, Rev. Mod. Phys. 48, 571 (1976)). Zero fluxes contribute nothing.

Checked: every rate is visibly nonnegative; w_ij = e^x_e w_ji; sum p = 1 and the net fluxes vanish;
the edges connect all states, so p is, for positive rates, the only stationary vector, and positive
(Perron and Frobenius), and for vanishing ones a limit of such; the claim is sum_e (a - b) x_e.
"""

from __future__ import annotations

from symtherm.derive.replay import Checker
from symtherm.derive.replay_ring import Invalid
from symtherm.derive.replay_text import parse, product

__all__ = ["check_network"]


def check_network(checker: Checker) -> None:
    """Raise Invalid unless every hypothesis and the claim hold."""
    data, ring = checker.data, checker.ring
    if data["relation"] != ">=":
        raise Invalid("a sum of flux times force certifies an inequality >=")
    p = [checker.evaluate(parse(text)) for text in data["populations"]]
    total = ring.zero
    for value in p:
        total = ring.plus(total, value)
    if not ring.same(total, ring.one):
        raise Invalid("the populations do not add up to 1")
    net = [ring.zero for _ in p]
    claim, group = ring.zero, list(range(len(p)))
    for edge in data["edges"]:
        i, j = edge["to"], edge["from"]
        if type(i) is not int or type(j) is not int or not (0 <= i < len(p) and 0 <= j < len(p)):
            raise Invalid("an edge between states that are not there")
        for key in ("forward", "backward"):
            checker.shown(edge[key], f"the rate {edge[key]}")
        x, back = parse(edge["force"]), parse(edge["backward"])
        checker.equal(
            parse(edge["forward"]), product((("call", "exp", x),), back), "detailed balance"
        )
        rate = checker.evaluate(parse(edge["forward"]))
        there = ring.times(rate, p[j])
        flux = ring.plus(there, ring.times(checker.evaluate(back), p[i]), -1)
        claim = ring.plus(claim, ring.times(flux, checker.evaluate(x)))
        net[i], net[j] = ring.plus(net[i], flux), ring.plus(net[j], flux, -1)
        if rate[0]:
            ring.inverse(rate[0])  # a unit is not zero for the true roots either
            group = [group[i] if g == group[j] else g for g in group]
    if len(set(group)) != 1:
        raise Invalid("states that no edge connects")
    for value in net:
        if not ring.same(value, ring.zero):
            raise Invalid("the populations are not stationary")
    if not ring.same(checker.evaluate(checker.claim()), claim):
        raise Invalid("the claim is not the sum of flux times force")
