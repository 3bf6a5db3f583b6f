"""Reference files: rebuilt by strangers, verified by another route, and hostile ones refused."""

from __future__ import annotations

import gzip
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

from symtherm import certify, model
from symtherm.cli import main
from symtherm.errors import BadReferenceFile, SymthermError, UnknownSymbol
from symtherm.exact.balls import Enclosure
from symtherm.models.shipped import driven_models, jobs, shipped_model, work
from symtherm.numeric.twin import steady_twin
from symtherm.reference import certify_grid, certify_operators, certify_trajectory
from symtherm.reference.build import build_rows, systems_of
from symtherm.reference.cases import load
from symtherm.reference.document import digest, parse_reference, read_reference
from symtherm.reference.routes import reference_of
from symtherm.reference.schema import schema
from symtherm.reference.verify import verify_row, verify_rows


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A file with one row per model and kind."""
    todo = jobs(1, 1, 1, 20)
    rows = build_rows(todo, work, tmp_path_factory.mktemp("build") / "x.partial")
    names = dict.fromkeys(job.model for job in todo)
    return reference_of(systems_of({n: shipped_model(n) for n in names}), rows)


@pytest.fixture
def file(small, tmp_path):
    path = tmp_path / "small.json"
    small.write(path)
    return path


# --- the file -------------------------------------------------------------------------------------


def test_a_file_is_read_back_as_it_was_and_verifies(small, file):
    """Operators, rates, rows and titles; the other route confirms every number."""
    found = read_reference(file)
    assert found.models == small.models and found.rows == small.rows
    assert verify_rows(found) == []
    assert {row.kind for row in found.rows} == {"steady", "transient", "driven"}


def test_the_published_schema_accepts_it(file):
    """An independent validator of JSON Schema agrees with the small one here."""
    jsonschema = pytest.importorskip("jsonschema")
    data = json.loads(file.read_text())
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema())
    data["rows"][0]["extra"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema())
    with pytest.raises(BadReferenceFile, match="extra"):
        parse_reference(json.dumps(data))


def test_the_hash_is_that_of_the_canonical_json(file):
    """As a stranger computes it, with the standard library alone."""
    data = json.loads(file.read_text())
    stated = data.pop("sha256")
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == stated


def test_a_stranger_rebuilds_a_row_with_numpy_alone(file):
    """From the JSON text: operators, rates, L, its kernel, and the heat, to ten digits."""
    data = json.loads(file.read_text())
    row = next(r for r in data["rows"] if r["id"].startswith("three-level-maser/steady/ordinary"))
    entry = data["models"][row["model"]]
    at = {k: float(Fraction(v)) for k, v in row["at"].items()}
    names = {**at, "exp": np.exp, "sqrt": np.sqrt, "I": 1j}

    def value(text):  # the test's own reader; the package never does this
        return complex(eval(text, {"__builtins__": {}}, names))

    def matrix(rows):
        out = np.zeros((3, 3), dtype=complex)
        for i, j, text in rows:
            out[i, j] = value(text)
        return out

    H, E, one = matrix(entry["hamiltonian"]), matrix(entry["energy"]), np.eye(3)
    parts = {}
    for jump in entry["jumps"]:
        A, r = matrix(jump["operator"]), value(jump["rate"]).real
        S = A.conj().T @ A
        D = r * (np.kron(A.conj(), A) - (np.kron(one, S) + np.kron(S.T, one)) / 2)
        parts[jump["label"]] = parts.get(jump["label"], 0) + D
    L = -1j * (np.kron(one, H) - np.kron(H.T, one)) + sum(parts.values())
    rho = np.linalg.svd(L)[2][-1].conj().reshape(3, 3, order="F")
    rho = rho / np.trace(rho)
    for label, D in parts.items():
        heat = np.trace(E @ (D @ rho.reshape(-1, order="F")).reshape(3, 3, order="F")).real
        assert heat == pytest.approx(float(row["values"][f"heat[{label}]"][0]), rel=1e-8)


def test_csv_and_gzip(small, tmp_path):
    small.write(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert len(lines) == 1 + sum(len(row.values) for row in small.rows)
    small.write(tmp_path / "a.json.gz")
    assert read_reference(tmp_path / "a.json.gz").rows == small.rows


def altered(path, change):
    data = json.loads(path.read_text())
    change(data)
    data["sha256"] = digest(data)
    path.write_text(json.dumps(data))


def test_verify_says_which_row_fails(file):
    """One digit of one value, with the hash made right again."""

    def change(data):
        values = data["rows"][3]["values"]
        name = next(k for k, (_, r) in values.items() if k.startswith("population") and r != "0")
        text = values[name][0]
        place = max(k for k, c in enumerate(text.split("e")[0]) if c.isdigit())
        values[name][0] = text[:place] + str((int(text[place]) + 5) % 10) + text[place + 1 :]

    assert run("verify", str(file)).exit_code == 0
    name = json.loads(file.read_text())["rows"][3]["id"]
    altered(file, change)
    result = run("verify", str(file))
    assert result.exit_code == 1
    assert f"row {name}, population" in result.stdout and "1 rows fail" in result.stdout


def test_an_altered_or_truncated_file_is_named(file):
    text = file.read_text()
    file.write_text(text.replace('"digits":20', '"digits":21', 1))
    result = run("verify", str(file))
    assert result.exit_code == 2 and "SHA-256" in result.stderr
    for cut in (0, 1, 100, len(text) // 2, len(text) - 3):
        file.write_text(text[:cut])
        assert run("verify", str(file)).exit_code == 2
    packed = gzip.compress(text.encode())
    for data in (packed[: len(packed) // 2], packed[:20], b"\x1f\x8b", b"\xff\xfe", b"\0" * 10):
        file.write_bytes(data)
        with pytest.raises(BadReferenceFile):
            read_reference(file)


HOSTILE = {
    "code in a rate": lambda d: d["models"]["qubit"]["jumps"][0].update(rate="__import__('os').system('x')"),
    "an attribute": lambda d: d["models"]["qubit"]["jumps"][0].update(rate="gamma.__class__"),
    "an unknown name": lambda d: d["models"]["qubit"]["jumps"][0].update(rate="gamma_x"),
    "a tower of powers": lambda d: d["models"]["qubit"]["jumps"][0].update(rate="9**9**9**9"),
    "a huge space": lambda d: d["models"]["qubit"].update(levels=[f"l{k}" for k in range(1000)]),
    "a far entry": lambda d: d["models"]["qubit"].update(energy=[[63, 63, "omega"]]),
    "an entry twice": lambda d: d["models"]["qubit"].update(energy=[[0, 0, "omega"]] * 2),
    "a million digits": lambda d: d["rows"][0].update(digits=10**6),
    "a long number": lambda d: d["rows"][0]["at"].update(omega="9" * 5000),
    "a zero denominator in a value": lambda d: d["rows"][0]["values"].update(power=["1/0", "0"]),
    "an infinite value": lambda d: d["rows"][0]["values"].update(power=["inf", "0"]),
    "a float": lambda d: d["rows"][0].update(digits=20.5),
    "another version": lambda d: d.update(version=2),
    "a boolean version": lambda d: d.update(version=True),
    "no rows": lambda d: d.pop("rows"),
    "a model that is missing": lambda d: d["rows"][0].update(model="x"),
    "an id twice": lambda d: d["rows"].append(d["rows"][0]),
    "a steady row with a time": lambda d: d["rows"][0].update(t="1", initial=[]),
    "a bad id": lambda d: d["rows"][0].update(id="a\nb"),
    "a bad name": lambda d: d["models"]["qubit"]["parameters"].update({"__x": "real"}),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_get_a_named_error(file, case):
    altered(file, HOSTILE[case])
    with pytest.raises(SymthermError):
        found = read_reference(file)
        failures = verify_row(found, found.rows[0])
        raise BadReferenceFile("read", found=str(failures)) if failures else AssertionError
    result = run("verify", str(file))
    assert result.exit_code in (1, 2), result.output
    assert "internal error" not in result.stderr


@pytest.mark.parametrize(
    "text",
    ["[" * 100000, '{"a":1,"a":2}', "NaN", "1e999999", "9" * 10000, '"\\ud800"', "[]", "null"],
)
def test_hostile_json_gets_a_named_error(text):
    with pytest.raises(BadReferenceFile):
        parse_reference(text)


def test_a_packed_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 70_000_000))
    with pytest.raises(BadReferenceFile, match="more than"):
        read_reference(path)


# --- a wrong closed form is caught ------------------------------------------------------------------

FORM = "gamma_c*gamma_h*omega*(n_h - n_c)/(gamma_c*(2*n_c + 1) + gamma_h*(2*n_h + 1))"
MUTATIONS = {
    "sign of a force": ("n_h - n_c", "n_h + n_c"),
    "another factor": ("2*n_c + 1", "3*n_c + 1"),
    "another constant": ("2*n_h + 1", "2*n_h + 2"),
    "another bath": ("gamma_h*(2*n_h", "gamma_c*(2*n_h"),
    "sign of a width": ("1) + gamma_h", "1) - gamma_h"),
    "another power": ("gamma_c*gamma_h*omega", "gamma_c*gamma_h/omega"),
}


def heat_row(form):
    """A row whose heat comes from a closed form given as text."""
    from symtherm.exact.parse import parse_expression

    m = model("two-bath-qubit")
    names = {s.name: s for s in m.parameters}
    for label in "hc":
        form = form.replace(f"n_{label}", f"(1/(exp(omega/T_{label}) - 1))")
    form = form.replace("omega", "2*omega/2")  # a point with omega other than 1
    point = {**m.point, names["omega"]: m.point[names["omega"]] * 3 / 2}
    ball = certify(parse_expression(form, names), point, 50)
    system = systems_of({"two-bath-qubit": (m, None)})
    from symtherm.reference.routes import steady_row

    row = steady_row("two-bath-qubit", "x", point, {"heat[h]": ball}, 50)
    return reference_of(system, [row])


def test_the_right_closed_form_verifies():
    assert verify_rows(heat_row(FORM)) == []


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_six_mutations_of_a_closed_form_are_caught(mutation):
    """One character each; the integration from the operators disagrees."""
    old, new = MUTATIONS[mutation]
    assert old in FORM and sum(a != b for a, b in zip(old, new, strict=True)) == 1
    (failure,) = verify_rows(heat_row(FORM.replace(old, new)))
    assert failure.quantity == "heat[h]"


# --- building ---------------------------------------------------------------------------------------


def test_a_build_resumes_where_it_stopped(tmp_path):
    """Interrupted after some chunks and in the middle of a line, it makes only what is missing."""
    todo = jobs(2, 1, 0, 12)
    partial = tmp_path / "x.partial"
    done = []

    def fragile(chunk):
        if len(done) >= 3:
            raise KeyboardInterrupt
        done.append(len(chunk))
        return work(chunk)

    with pytest.raises(KeyboardInterrupt):
        build_rows(todo, fragile, partial)
    partial.write_bytes(partial.read_bytes()[:-40])
    again = []

    def counted(chunk):
        again.extend(chunk)
        return work(chunk)

    rows = build_rows(todo, counted, partial)
    assert len(again) == len(todo) - sum(done) + 1
    assert rows == tuple(row for job in todo for row in work([job]))
    assert not partial.exists()


def test_a_build_runs_on_processes_and_on_dask(tmp_path):
    """The same rows on any concurrent.futures.Executor."""
    todo = jobs(1, 1, 1, 12)
    here = build_rows(todo, work, tmp_path / "a.partial")
    with ProcessPoolExecutor(2) as pool:
        assert build_rows(todo, work, tmp_path / "b.partial", pool) == here
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert build_rows(todo, work, tmp_path / "c.partial", client.get_executor()) == here


def test_reference_build_on_the_command_line(tmp_path):
    path = tmp_path / "r.json.gz"
    result = run("reference", "build", "-o", str(path), "--steady", "1", "--transient", "0", "--driven", "1", "--digits", "15", "--jobs", "1")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert run("verify", str(path), "--select", "qubit").exit_code == 0


# --- the shipped set --------------------------------------------------------------------------------


def test_the_shipped_set_is_large_small_on_disk_and_of_all_kinds():
    from symtherm.reference.cases import SHIPPED

    book = load()
    assert len(book.rows) >= 2000 and SHIPPED.stat().st_size < 3_000_000
    assert {row.kind for row in book.rows} == {"steady", "transient", "driven"}
    assert {row.regime for row in book.rows} == {"ordinary", "stiff", "near-equilibrium", "cold"}
    assert all(row.digits == 50 for row in book.rows)
    assert set(driven_models()) <= set(book.models)


@pytest.mark.parametrize(
    "kind", ["steady/ordinary/7", "steady/cold/11", "stiff/3", "driven/ordinary/5"]
)
def test_samples_of_the_shipped_set_verify(kind):
    """The whole set takes minutes: ``symtherm verify`` on the file in the package."""
    book = load(kind)
    assert book.rows and verify_rows(book) == []


def test_cases_are_arrays_that_reproduce_their_values():
    for case in load("steady/ordinary/1").cases():
        H, rho = case.hamiltonian(), None
        d = len(case.levels)
        one = np.eye(d)
        L = -1j * (np.kron(one, H) - np.kron(H.T, one))
        for A in case.collapse_operators():
            S = A.conj().T @ A
            L = L + np.kron(A.conj(), A) - (np.kron(one, S) + np.kron(S.T, one)) / 2
        rho = np.linalg.svd(L)[2][-1].conj().reshape(d, d, order="F")
        rho = rho / np.trace(rho)
        for k, label in enumerate(case.levels):
            case.check(f"population[{label}]", rho[k, k].real, rtol=1e-6)
            with pytest.raises(AssertionError, match="digits"):
                case.check(f"population[{label}]", rho[k, k].real * 1.01)


# --- certify ----------------------------------------------------------------------------------------


def test_the_operators_confirm_the_closed_forms():
    m = model("three-level-maser")
    closed, operators = certify(m, m.point, 40), certify_operators(m, m.point, 40)
    for name, ball in closed.items():
        gap = abs(Fraction(ball.value) - Fraction(operators[name].value))
        assert gap <= Fraction(ball.radius) + Fraction(operators[name].radius)


def test_grids_and_trajectories_from_the_command_line(tmp_path):
    at = ("--at", "omega=1, gamma=1/2")
    path = tmp_path / "grid.json"
    result = run("certify", "qubit", *at, "--grid", "T=1:2:3", "-o", str(path), "--digits", "20")
    assert result.exit_code == 0, result.output
    assert len(read_reference(path).rows) == 3 and run("verify", str(path)).exit_code == 0
    result = run("certify", "qubit", *at, "--at", "T=1", "--trajectory", "t=0:10:101", "--initial", "e", "--digits", "20", "-o", str(path))  # fmt: skip
    assert result.exit_code == 0, result.output
    assert len(read_reference(path).rows) == 101
    assert run("verify", str(path), "--select", "t/9").exit_code == 0
    table = run("certify", "qubit", *at, "--at", "T=1", "--trajectory", "t=0:1:2", "--digits", "5")
    assert table.stdout.startswith("id,model,kind,parameters,t,quantity,value,radius\n")
    assert run("certify", "qubit", *at, "--grid", "T=1:2:200000").exit_code == 2


def test_a_driven_model_file_is_certified(tmp_path):
    """A ramp in a model file, with the name of its time."""
    toml = run("models", "qubit", "--toml").stdout
    text = toml.split("[point]")[0].replace('T = "positive"', 'T = "positive"\nt = "real"')
    text = text.replace(
        "hamiltonian = [", 'hamiltonian = [\n  ["e", "g", "t/5"],\n  ["g", "e", "t/5"],'
    )
    path, out = tmp_path / "ramp.toml", tmp_path / "ramp.json"
    path.write_text(text)
    at = ("--at", "omega=1, gamma=1/2, T=1")
    result = run("certify", str(path), *at, "--trajectory", "t=0:2:3", "--driven", "--initial", "g", "-o", str(out))  # fmt: skip
    assert result.exit_code == 0, result.output
    assert {row.kind for row in read_reference(out).rows} == {"driven"}
    assert run("verify", str(out)).exit_code == 0


def test_grid_in_python_and_missing_values():
    m = model("qubit")
    table = list(certify_grid(m, {"T": ["1", "2"], "gamma": [1, 2]}, {"omega": 1}, 10))
    assert len(table) == 4
    assert all(isinstance(v, Enclosure) for _, row in table for v in row.values())
    with pytest.raises(UnknownSymbol, match="gamma"):
        certify_trajectory(m, {"omega": 1, "T": 1}, [1])
    assert steady_twin is not None
