"""Sweeps: the same numbers into memory, files and reductions; a kill loses and repeats nothing."""

from __future__ import annotations

import csv
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from symtherm import evaluator, model
from symtherm.errors import BadExpression, UnknownSymbol, WrongArgument
from symtherm.numeric.grid import Axis, Grid
from symtherm.numeric.sweep import sweep

M = model("three-level-maser")
F = evaluator(M, quantities=["power", "entropy_production"])
POINT = {str(p): float(v) for p, v in M.point.items()}
GRID = {**POINT, "T_h": Axis(1, 20, 40), "T_c": np.linspace(0.1, 1, 23), "Delta": 0.1}
WHOLE = sweep(F, GRID)


class Stop(Exception):
    pass


def test_it_is_the_evaluator_on_the_product_of_axes():
    T_h = np.linspace(1, 20, 40)[:, None]
    found = F(**{**GRID, "T_h": T_h, "T_c": GRID["T_c"][None, :]})
    for name, values in WHOLE.items():
        np.testing.assert_allclose(values, found[name], rtol=1e-12)


@pytest.mark.parametrize("block", [1, 7, 23, 100, 10**6])
def test_blocks_cover_the_grid_once_in_order(block):
    grid = Grid.of(GRID, block)
    seen = np.zeros(grid.shape, dtype=int)
    flat = np.arange(seen.size).reshape(grid.shape)
    last = -1
    for k in range(int(np.prod(grid.counts))):
        seen[grid.place(k)] += 1
        part = flat[grid.place(k)].ravel()
        assert part[0] == last + 1 and (np.diff(part) == 1).all() and part.size <= block
        last = part[-1]
    assert (seen == 1).all()
    for name, values in sweep(F, GRID, block=block).items():
        np.testing.assert_allclose(values, WHOLE[name], rtol=1e-13)


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_executors_change_nothing(kind):
    with kind(2) as executor:
        found = sweep(F, GRID, block=100, executor=executor)
    for name in WHOLE:
        np.testing.assert_array_equal(found[name], sweep(F, GRID, block=100)[name])


def rows(path):
    with open(path, newline="") as stream:
        return list(csv.reader(stream))


def stopping_after(count):
    def progress(done, total):
        nonlocal count
        count -= 1
        if count == 0:
            raise Stop

    return progress


def test_a_csv_is_resumed_where_it_stopped(tmp_path):
    """Killed after some blocks and in the middle of a row, it ends as if never stopped."""
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    sweep(F, GRID, to=whole, block=100)
    for count in (3, 2):
        with pytest.raises(Stop):
            sweep(F, GRID, to=cut, block=100, progress=stopping_after(count))
        with open(cut, "a") as stream:
            stream.write("1.0,0.1,3.14")  # what a kill in the middle of a write leaves
        with open(tmp_path / "cut.csv.journal", "a") as stream:
            stream.write("99")  # a line without its end
    calls = []
    sweep(F, GRID, to=cut, block=100, progress=lambda done, total: calls.append(done))
    assert cut.read_bytes() == whole.read_bytes()
    assert len(calls) == len(range(0, 40 * 23, 92)) - 5  # blocks are 4 rows of 23
    assert rows(cut)[0] == ["T_h", "T_c", "power", "entropy_production"]
    assert float(rows(cut)[-1][2]) == sweep(F, GRID, block=100)["power"][-1, -1]
    with pytest.raises(WrongArgument, match="complete"):
        sweep(F, GRID, to=cut, block=100)


def test_another_sweep_does_not_continue_it(tmp_path):
    with pytest.raises(Stop):
        sweep(F, GRID, to=tmp_path / "a.csv", block=100, progress=stopping_after(2))
    with pytest.raises(WrongArgument, match="another function"):
        sweep(F, {**GRID, "Delta": 0.2}, to=tmp_path / "a.csv", block=100)
    with pytest.raises(WrongArgument, match=r"\.csv or \.zarr"):
        sweep(F, GRID, to=tmp_path / "a.hdf5")


def test_zarr_is_resumed(tmp_path):
    zarr = pytest.importorskip("zarr")
    path = tmp_path / "a.zarr"
    with pytest.raises(Stop):
        sweep(F, GRID, to=path, block=100, progress=stopping_after(4))
    calls = []
    sweep(F, GRID, to=path, block=100, progress=lambda done, total: calls.append(done))
    assert len(calls) == 10 - 4
    group = zarr.open_group(str(path), mode="r")
    for name in WHOLE:
        np.testing.assert_array_equal(group[name][:], sweep(F, GRID, block=100)[name])
    assert group["T_c"][:].tolist() == GRID["T_c"].tolist()
    sweep(F, GRID, to=path, block=100, progress=lambda *_: pytest.fail("nothing is left to do"))


def test_a_large_sweep_takes_no_memory():
    """Four million points, reduced: a few blocks at most are ever there."""
    f = evaluator(M, quantities=["entropy_production"])
    grid = {**POINT, "T_h": Axis(1, 20, 2000), "T_c": Axis(0.1, 1, 2000)}

    def largest(best, at, out):
        return max(best, float(out["entropy_production"].max()))

    sweep(f, {**grid, "T_h": Axis(1, 20, 10)}, reduce=largest, initial=0.0)
    tracemalloc.start()
    found = sweep(f, grid, reduce=largest, initial=0.0, block=1 << 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found > 0 and peak < 16e6


def test_axes():
    assert Axis(0.1, 0.7, 7).values(0, 7)[[0, -1]].tolist() == [0.1, 0.7]
    assert Axis(1e-3, 1e3, 7, "log").values(0, 7)[[0, 3, -1]].tolist() == [1e-3, 1.0, 1e3]
    assert Axis(2, 5, 1).values(0, 1).tolist() == [2.0]
    for bad in ((0, 1, 3, "log"), (0, 1, 0), (0, float("inf"), 3)):
        with pytest.raises(BadExpression):
            Axis(*bad)
    with pytest.raises(UnknownSymbol, match="T_c"):
        sweep(F, {**POINT, "T_h": Axis(1, 2, 3), "T_x": 1.0})


def test_an_axis_between_exact_ends_is_exact():
    """Every value is the exact one, rounded once; floats are taken as the binary numbers they are."""
    from fractions import Fraction

    from sympy import Rational

    for axis in (
        Axis(0, 1, 11),
        Axis(Fraction(1, 10), Fraction(7, 10), 7),
        Axis(1, Rational(4), 101),
    ):
        start, stop = Fraction(str(axis.start)), Fraction(str(axis.stop))
        want = [float(start + (stop - start) * k / (axis.count - 1)) for k in range(axis.count)]
        assert axis.values(0, axis.count).tolist() == want
    # No integer hides in a double: the sum of two roundings, not the exact path.
    assert Axis(0.1, 1e300, 3).values(1, 2).tolist() == [5e299]


def test_a_bar_is_drawn_and_nothing_else_changes(capsys):
    found = sweep(F, GRID, block=100, progress=True)
    assert capsys.readouterr().out == ""
    for name in WHOLE:
        np.testing.assert_array_equal(found[name], sweep(F, GRID, block=100)[name])
