"""The packages as a whole: what they import and export, and what they say when another autograd is in the way."""

import email
import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parent.parent


def python(code, cwd=ROOT):
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_core_imports_numpy_and_graphviz_alone():
    code = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sympy", "matplotlib", "pygraphviz", "hypothesis", "pytest", "tqdm", "scipy"}:
            raise ImportError(f"{name} is not for the core")
sys.meta_path.insert(0, Refuse())
import autograd, nn, pathgrad.cli
y = autograd.sin(autograd.Value(0.0, "x"))
y.backward()
print(y.parents[0].grad)
"""
    done = python(code)
    assert (done.stdout, done.stderr) == ("1.0\n", "")


def test_everything_exported_is_there_and_documented():
    for name in autograd.__all__:
        thing = getattr(autograd, name)
        if callable(thing):
            assert inspect.getdoc(thing), name
    assert not {"abs", "sum"} & set(autograd.__all__)  # they would hide Python's own


def test_every_primitive_is_exported():
    hidden = {"sum", "dot", "affine"}  # n-ary: exported as functions of sequences
    inner = {"one_minus_square", "sigmoid_slope"}  # parts of slopes
    assert {name for name in autograd.PRIMITIVES if name not in hidden | inner} <= set(autograd.__all__)
    assert all(callable(getattr(autograd, name)) for name in hidden)


@pytest.mark.parametrize("package", ["autograd", "nn", "pathgrad"])
def test_the_packages_are_typed(package):
    assert (ROOT / package / "py.typed").exists()


@pytest.mark.parametrize(
    ("repository", "links"),
    [
        ("", set()),
        ("https://github.com/ada/pathgrad", {"Source", "Issues", "Changelog", "Documentation"}),
        ("https://git.example.org/ada/pathgrad", {"Source", "Issues", "Changelog"}),
    ],
)
def test_a_release_links_to_the_repository_that_publishes_it(tmp_path, repository, links):
    command = [sys.executable, "setup.py", "--quiet", "egg_info", "--egg-base", str(tmp_path)]
    environment = {**os.environ, "PATHGRAD_REPOSITORY": repository}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    metadata = email.message_from_bytes(Path(tmp_path, "pathgrad.egg-info", "PKG-INFO").read_bytes())
    found = dict(link.split(", ") for link in metadata.get_all("Project-URL", []))
    assert set(found) == links
    assert all(address.startswith(("https://ada.github.io/pathgrad/", repository)) for address in found.values())


def test_installed_over_by_hips_autograd(tmp_path):
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    (tmp_path / "autograd" / "wrap_util.py").write_text("# a module that HIPS autograd has and this one has not\n")
    done = python("import autograd", cwd=tmp_path)
    assert "ImportError: pathgrad and HIPS autograd, both of which are imported as autograd" in done.stderr


@pytest.mark.parametrize("package", ["nn", "pathgrad"])
def test_hips_autograd_in_the_place_of_ours(tmp_path, package):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...\n")
    shutil.copytree(ROOT / package, tmp_path / package)
    done = python(f"import {package}", cwd=tmp_path)
    assert f"ImportError: {package} needs " in done.stderr
    assert "most likely HIPS autograd: keep the two in separate environments" in done.stderr


def test_a_name_of_hips_autograd_says_what_to_use():
    with pytest.raises(ImportError, match=r"make_vjp belongs to HIPS autograd, .*: use autograd\.vjp"):
        from autograd.core import make_vjp  # noqa: F401
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        autograd.core.nonsense  # noqa: B018


def test_names_that_are_loaded_later():
    code = """
import sys, autograd
heavy = {"graphviz", "subprocess", "autograd.homework", "autograd.checks", "autograd.explain", "autograd.compiler"}
print(sorted(heavy & set(sys.modules)))
print(autograd.Value(1.0, "x").tree())
print(autograd.render is autograd.later.render, "paths" in vars(autograd))
autograd.compile
print("compile" in vars(autograd), autograd.compiler.__name__)
"""
    done = python(code)
    assert (done.stdout, done.stderr) == ("[]\nx = 1  no grad yet\nTrue True\nTrue autograd.compiler\n", "")
    assert set(autograd.later.__all__) <= set(autograd.__all__) & set(dir(autograd))
