"""Threads change how long a call takes and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from symtherm import evaluator
from symtherm.errors import WrongArgument
from symtherm.numeric.compiled import PART
from symtherm.numeric.threads import available, shared
from tests.numeric.regimes import MODELS, points

CASE = MODELS["maser"]
AT = points(CASE, "generic", 10, seed=5)
BACKENDS = ["numpy"] + (["c"] if shutil.which("cc") or shutil.which("gcc") else [])
RNG = np.random.default_rng(0)
SHAPES = {
    "points": {"T_h": (3 * PART + 7,), "omega_c": (3 * PART + 7,)},
    "rows": {"T_h": (1500, 1), "T_c": (1, 200)},
    "few long rows": {"T_h": (3, 1), "T_c": (1, PART + 5)},
    "three axes": {"T_h": (2, 1, 1), "T_c": (1, 300, 1), "gamma_h": (2, 1, 400)},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", SHAPES)
def test_results_are_the_same_bits_for_any_number_of_threads(name, backend):
    at = {key: float(v[0]) for key, v in AT.items()}
    at |= {key: RNG.uniform(0.5, 2, shape) for key, shape in SHAPES[name].items()}
    f = evaluator(CASE.book, list(AT), backend=backend)
    want = f.with_threads(1)(**at)
    for threads in (2, 3, None):
        g = f.with_threads(threads)
        out = [np.empty(want["power"].shape) for _ in want]
        for found in (g(**at), g(**at, out=out)):
            assert all(np.array_equal(found[key], want[key]) for key in want)


@pytest.mark.parametrize("backend", BACKENDS)
def test_negative_parameters_give_nan_in_every_thread(backend):
    at = {key: float(v[0]) for key, v in AT.items()}
    T = np.full(3 * PART, 1.5)
    T[:: PART // 2] = -1.0
    found = evaluator(CASE.book, list(AT), backend=backend, threads=2)(**{**at, "T_h": T})
    assert (np.isnan(found["power"]) == (T < 0)).all()


def test_the_default_is_one_thread_where_the_caller_is_a_worker(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(available, None).result() == 1
        assert pool.submit(available, 4).result() == 4
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(available, None).result() == 1
    if hasattr(os, "sched_getaffinity"):
        assert available(None) == len(os.sched_getaffinity(0))
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert available(None) == 3


def test_an_error_in_any_thread_is_raised_and_nothing_waits():
    barrier = threading.Barrier(2)
    taken = []

    def work(blocks):
        barrier.wait(10)
        for k in blocks:
            taken.append(k)
            if k == 3:
                raise ZeroDivisionError
            time.sleep(0.001)

    with pytest.raises(ZeroDivisionError):
        shared(range(1000), work, 2)
    assert len(taken) < 1000  # the other thread has stopped early
    found = []
    shared(range(4), found.extend, 2)  # the pool lives on
    assert sorted(found) == [0, 1, 2, 3]


def test_callers_that_share_the_pool_do_not_wait_for_one_another():
    """More callers than workers, each asking for several threads."""
    with ThreadPoolExecutor(6) as callers:
        runs = [callers.submit(_total, 2) for _ in range(20)]
        assert [run.result(30) for run in runs] == [4950] * 20


def _total(threads):
    found = []
    shared(range(100), found.extend, threads)
    return sum(found)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_process_has_workers_of_its_own():
    """In a process of its own: other libraries' threads do not survive forks."""
    code = """
import os
from symtherm.numeric.threads import shared
found = []
shared(range(100), found.extend, 2)
pid = os.fork()
if pid == 0:
    found = []
    shared(range(100), found.extend, 2)
    os._exit(0 if sum(found) == 4950 else 1)
raise SystemExit(os.waitpid(pid, 0)[1])
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_threads_are_kept_by_pickles_and_wrong_numbers_refused():
    f = evaluator(CASE.book, list(AT), threads=2)
    assert pickle.loads(pickle.dumps(f)).threads == 2 == f.with_backend("array_api").threads
    for wrong in (0, -1, 1.5, True, "2"):
        with pytest.raises(WrongArgument):
            f.with_threads(wrong)
