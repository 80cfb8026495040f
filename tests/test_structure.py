"""The structure of the packages: which imports which, and that no import is hidden in a function."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parent.parent

BELOW: dict[str, set[str]] = {
    "core": set(),
    "arrays": {"core"},
    "dialects": {"core"},
    "transforms": {"core", "arrays"},
    "compiler": {"core", "arrays", "dialects"},
    "explain": {"core", "arrays", "dialects"},
    "checks": {"core", "arrays", "dialects", "transforms", "compiler", "explain"},
    "homework": {"core", "arrays"},
    "pictures": {"core", "arrays", "dialects", "explain"},
    "compat": {"core", "arrays", "transforms", "checks"},
    "bridges": {"core", "arrays", "transforms", "checks"},
}
"""The folders of ``autograd``, and for each the folders that it may import."""

FACES = {"linalg", "rules", "testing", "files", "notebook", "onnx", "safety", "later"}
"""The modules of ``autograd`` that only collect public names."""

HIPS_FOLDERS, HIPS_MODULES = {"misc", "numpy", "scipy"}, {"builtins", "extend", "test_util", "tracer", "util"}
"""The folders and modules of ``autograd`` that only pass on names of ``compat``, under HIPS autograd's names."""

OWN = {"autograd", "nn", "pathgrad"}


def modules() -> dict[str, Path]:
    """The modules of our packages, by name."""
    found = {}
    for package in sorted(OWN):
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = modules()


def imports(module: str) -> Iterator[str]:
    """The modules of ours that a module imports, anywhere in its text: at the top, in functions, for types."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.partition(".")[0] in OWN)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OWN:
            assert not node.level
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield full if full in MODULES else node.module


GRAPH = {module: sorted(set(imports(module)) - {module}) for module in MODULES}


def folder(module: str) -> str:
    """The folder of ``autograd`` that a module lies in, or the module itself."""
    return module.split(".")[1] if "." in module else module


def test_the_imports_have_no_circle() -> None:
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle of imports: {' → '.join((*path[path.index(module) :], module))}"
        if module not in done:
            for other in GRAPH.get(module, ()):
                visit(other, (*path, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


@pytest.mark.parametrize("name", BELOW)
def test_a_folder_imports_only_what_lies_below_it(name: str) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in GRAPH.items()
        if module.startswith(f"autograd.{name}.")
        for other in others
        if folder(other) not in BELOW[name] | {name}
    ]
    assert wrong == []


def test_every_folder_is_known() -> None:
    folders = {file.name for file in (ROOT / "autograd").iterdir() if (file / "__init__.py").exists()}
    assert folders == BELOW.keys() | HIPS_FOLDERS
    loose = {file.stem for file in (ROOT / "autograd").glob("*.py")}
    assert loose == FACES | HIPS_MODULES | {"__init__", "generate"}


def test_nothing_uses_the_modules_with_the_names_of_hips_autograd() -> None:
    faces = HIPS_FOLDERS | HIPS_MODULES
    for module, others in GRAPH.items():
        if module.startswith("autograd.") and folder(module) in faces:
            assert {folder(other) for other in others} <= {"compat", folder(module)}, module
            text = MODULES[module].read_text(encoding="utf-8")
            assert all(isinstance(line, (ast.Expr, ast.Import, ast.ImportFrom)) for line in ast.parse(text).body)
        else:
            assert faces.isdisjoint(folder(other) for other in others if other.startswith("autograd.")), module
    code = "import sys, autograd, nn, pathgrad.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {f"autograd.{name}" for name in (*faces, "compat")} & set(loaded.split())


@pytest.mark.parametrize(("package", "may"), [("nn", {"nn"}), ("pathgrad", {"nn", "pathgrad"})])
def test_users_of_autograd_use_its_public_modules_alone(package: str, may: set[str]) -> None:
    public = {"autograd"} | {f"autograd.{face}" for face in FACES}
    wrong = [
        f"{module} imports {other}"
        for module, others in GRAPH.items()
        if module.partition(".")[0] == package
        for other in others
        if other not in public and other.partition(".")[0] not in may
    ]
    assert wrong == []


def test_no_module_is_hidden_behind_a_name_that_its_package_exports() -> None:
    for module in MODULES:
        parent, _, name = module.rpartition(".")
        if parent and parent in MODULES and module != "autograd.misc.flatten":  # HIPS autograd has it so
            package = __import__(parent, fromlist=["*"])
            if name in package.__dict__:
                assert getattr(package.__dict__[name], "__name__", None) == module, module


def test_no_package_reaches_into_the_private_names_of_another() -> None:
    wrong = []
    for module, file in MODULES.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OWN:
                home = module.rpartition(".")[0]
                wrong += [
                    f"{module}: from {node.module} import {name.name}"
                    for name in node.names
                    if re.match("_(?!_)", name.name) and node.module.rpartition(".")[0] != home and node.module != home
                ]
    assert wrong == []
