"""What type checkers and ``inspect`` say to users: their programs pass, and every function has a signature.

The programs in ``tests/typed`` are checked outside of the checkout, once with a wheel of the packages installed and
once with an editable install.  They also run.
"""

import inspect
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import autograd
import autograd.linalg
import autograd.rules
import autograd.testing
import nn
from autograd import Tensor, Value

ROOT = Path(__file__).parent.parent
same = pytest.mark.same_in_both_modes  # the environments of these tests hold the source
PROGRAMS = sorted(path.name for path in (ROOT / "tests" / "typed").glob("*.py"))

# ---------------------------------------------------------------------------------------------------------------------
# Programs of users
# ---------------------------------------------------------------------------------------------------------------------


def run(*command, cwd, **environment):
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """A folder outside of the checkout, with the programs in it."""
    return Path(shutil.copytree(ROOT / "tests" / "typed", tmp_path_factory.mktemp("user") / "programs"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what the packages are built from, since building leaves files there."""
    if find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed, so no wheel can be built")
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for package in ("autograd", "nn", "pathgrad"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    return copy


@pytest.fixture(scope="module", params=["wheel", "editable"])
def python(request, checkout, tmp_path_factory):
    """The interpreter of a new environment in which the packages are installed."""
    home = tmp_path_factory.mktemp(request.param)
    build = f"from setuptools import build_meta; build_meta.build_{request.param}({str(home)!r})"
    status, output = run(sys.executable, "-c", build, cwd=checkout, PATHGRAD_PURE="1")
    assert status == 0, output
    [wheel] = home.glob("*.whl")
    environment = home / "environment"
    venv.create(environment, symlinks=os.name != "nt")
    interpreter = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _, folder = run(interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home)
    packages = Path(folder.strip())
    ZipFile(wheel).extractall(packages)
    others = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}  # NumPy and what else is installed here
    (packages / "others.pth").write_text("\n".join(sorted(others)))
    return interpreter


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("mypy")


@same
def test_the_page_has_its_modules(python, outside):
    code = "from autograd import Value; print('render(' in Value(1.0).explore().html)"
    assert run(python, "-c", code, cwd=outside) == (0, "True\n")


@same
def test_mypy_accepts_programs(python, outside, cache):
    pytest.importorskip("mypy")
    options = ["--strict", "--config-file=", "--cache-dir", cache, "--python-executable", python]
    status, output = run(sys.executable, "-m", "mypy", *options, *PROGRAMS, cwd=outside)
    assert status == 0, output


MISTAKES = """\
import numpy as np
from autograd import Tensor, Value, conv2d, mean, reshape, softmax

x = Tensor(1.0)
a: Tensor = softmax(np.ones(3))
b: int = mean(x)
reshape(x, "3")
x.sum(ax=1)
conv2d(x, x, stride="2")
Value("1")
"""


@same
def test_mypy_finds_mistakes(python, cache, tmp_path):
    pytest.importorskip("mypy")
    options = ["--strict", "--config-file=", "--cache-dir", cache, "--python-executable", python]
    _, output = run(sys.executable, "-m", "mypy", *options, "-c", MISTAKES, cwd=tmp_path)
    lines = [int(line.split(":")[1]) for line in output.splitlines() if ": error: " in line]
    assert lines == [5, 6, 7, 8, 9, 10], output


@same
def test_pyright_accepts_programs(python, outside):
    pytest.importorskip("pyright", reason="pyright is not installed")
    (outside / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    status, output = run(sys.executable, "-m", "pyright", "--pythonpath", python, cwd=outside)
    assert status == 0, output


@same
@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_run(program, python, outside):
    assert run(python, "-W", "error", program, cwd=outside) == (0, "")


# ---------------------------------------------------------------------------------------------------------------------
# Signatures
# ---------------------------------------------------------------------------------------------------------------------

FACES = [autograd, autograd.linalg, autograd.rules, autograd.testing, nn, nn.functional, nn.optim, nn.init, nn.data]

ANY_KEYWORDS = {
    "apply_along_axis",
    "piecewise",
    "Loss",
    "check_backprop",
    "check_claim",
    "define",
    "label",
    "Optimizer",
    "trajectory",
}
"""What takes keywords that it cannot know: names of variables, the options of a subclass and of another class."""


def without_parameters(things):
    """Those of ``things`` whose signature is missing, or has ``**options`` where their names could stand."""
    found = []
    for name, thing in things.items():
        try:
            signature = inspect.signature(thing)
        except (TypeError, ValueError) as error:
            found.append(f"{name}: {error}")
        else:
            if name not in ANY_KEYWORDS and any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
                found.append(f"{name}{signature}")
    return found


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_signatures_of_functions_and_classes_name_the_parameters(face):
    public = {name: getattr(face, name) for name in face.__all__}
    builtin = (BaseException, dict)  # Python gives their subclasses no signature
    things = {
        name: thing
        for name, thing in public.items()
        if callable(thing) and not (isinstance(thing, type) and issubclass(thing, builtin))
    }
    assert without_parameters(things) == []


STATELESS = [kind for kind in vars(nn).values() if isinstance(kind, type) and hasattr(kind, "function")]


@pytest.mark.parametrize("kind", STATELESS, ids=lambda kind: kind.__name__)
def test_modules_have_the_options_of_their_functions(kind):
    options = list(inspect.signature(kind.function).parameters.values())[kind.inputs :]
    parameters = inspect.signature(kind).parameters.values()
    assert [(p.name, p.kind, p.default) for p in parameters] == [(p.name, p.kind, p.default) for p in options]


@pytest.mark.parametrize("node", [Value(0.5), Tensor([0.5])], ids=["Value", "Tensor"])
def test_signatures_of_methods_name_the_parameters(node):
    attributes = {name: getattr(node, name) for name in dir(node) if not name.startswith("_")}
    assert without_parameters({name: method for name, method in attributes.items() if callable(method)}) == []


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (Value, ["data", "label"]),
        (Tensor, ["data", "label"]),
        (Value(0.5).clip, ["low", "high"]),
        (Tensor([0.5]).sum, ["axis", "keepdims", "dtype", "initial", "where", "dim", "keepdim"]),
        (autograd.sin, ["x"]),
        (autograd.maximum, ["x", "y"]),
        (autograd.reshape, ["x", "shape"]),
        (autograd.mean, ["x", "axis", "keepdims", "dtype", "where"]),
    ],
)
def test_signatures_have_the_names_of_the_documentation(function, parameters):
    assert list(inspect.signature(function).parameters) == parameters
