"""The directive ``public-names``: the public names of a module, documented from their docstrings.

Nothing is listed by hand: the names are those of ``__all__``.  A name that several modules export is documented under
the first of :data:`MODULES` that has it, and linked to from the others.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from itertools import groupby
from pathlib import Path
from pydoc import locate
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from autograd import ArrayOperation, Primitive
from autograd.core.foreign import ForeignNames
from autograd.core.sweep import Node

OWN = ("autograd.", "nn.")

MODULES = (
    "autograd",
    *(f"autograd.{name}" for name in ("linalg", "testing", "rules", "notebook", "files", "safety", "onnx")),
    "nn",
    *(f"nn.{name}" for name in ("functional", "optim", "init", "training", "data", "perceptron", "estimators", "onnx")),
)
"""The modules whose names are public, in the order in which one of them documents a name that others have, too."""


@cache
def public(module: str) -> tuple[str, ...]:
    """The public names of a module, also those that a star import leaves out because Python has them, such as sum."""
    exporter = import_module(module)
    hiding = (name for name in dir(exporter) if hasattr(builtins, name) and not name.startswith("_"))
    return tuple(dict.fromkeys((*exporter.__all__, *hiding)))


@cache
def imports(module: str) -> dict[str, str]:
    """For each name that a module imports from modules of ours, also for types alone, the module that it comes from."""
    file = import_module(module).__file__
    assert file
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(OWN):
            star = node.names[0].name == "*"
            names = import_module(node.module).__all__ if star else [name.name for name in node.names]
            found |= dict.fromkeys(names, node.module)
    return found


def home(module: str, name: str) -> str:
    """The module that defines a name which another module exports."""
    passed = [module]
    while (source := imports(passed[-1]).get(name)) and source not in passed:
        passed.append(source)
    return passed[-1]


@cache
def place(module: str, name: str) -> tuple[int, str]:
    """The line of a module where a name is defined, and the heading of the section around it, if the module has any."""
    file = import_module(module).__file__
    assert file
    heading, above = "", ""
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines()):
        if re.match(rf"(?:def |class )?{name}\b(?=[(:= ])", line):
            return number, heading
        if above.startswith("# ----") and line.startswith("# ") and line[2] != "-":
            heading = re.split(r"[:.] ", line[2:])[0]
        above = line
    return 0, ""


@cache
def documented() -> dict[int, tuple[str, str]]:
    """Where each public object is documented, by its identity: the module and the name there."""
    found: dict[int, tuple[str, str]] = {}
    for module in MODULES:
        for name in public(module):
            shown = getattr(import_module(module), name)
            first, _ = found.setdefault(id(shown), (module, name))
            if first == module and name == getattr(shown, "__name__", getattr(shown, "name", None)):
                found[id(shown)] = module, name  # not one of its other names
    return found


def documented_as(module: str, name: str) -> tuple[str, str]:
    """The module and the name under which a public name is documented."""
    return documented()[id(getattr(import_module(module), name))]


def methods(kind: type) -> tuple[list[str], list[str]]:
    """The attributes of a class for its users; apart from them, those that are also functions of autograd."""
    own, functions = [], []
    for name in dir(kind):
        owner = next(base for base in kind.__mro__ if name in vars(base))
        foreign = type(vars(owner)[name]).__module__.startswith("sklearn.")  # it adds methods to classes of ours
        ours = f"{owner.__module__}.".startswith(OWN) and owner is not ForeignNames and not foreign
        for_the_sweep = inspect.isroutine(vars(Node).get(name))
        if not ours or for_the_sweep or name.startswith("_") or (owner is not kind and id(owner) in documented()):
            continue
        is_function = issubclass(kind, ForeignNames) and inspect.isroutine(getattr(kind, name))
        (functions if is_function and name in public("autograd") else own).append(name)
    return own, functions


def entry(module: str, name: str) -> list[str]:
    """What documents a name, as lines of reStructuredText."""
    full, shown = f"{module}.{name}", getattr(import_module(module), name)
    first = ".".join(documented_as(module, name))
    if first != full:
        return [f".. py:function:: {name}", f"   :module: {module}", "", f"   Another name of :py:obj:`~{first}`.", ""]
    if isinstance(shown, type):
        own, functions = methods(shown)
        directive = "autoexception" if issubclass(shown, BaseException) else "autoclass"
        lines = [f".. {directive}:: {full}", *([f"   :members: {', '.join(own)}"] if own else []), ""]
        if functions:
            links = ", ".join(f":py:obj:`~autograd.{function}`" for function in functions)
            lines += [f"   These functions are methods, too: {links}.", ""]
        return lines
    if inspect.isroutine(shown) or isinstance(shown, (Primitive, ArrayOperation)):
        return [f".. autofunction:: {full}", ""]
    written = ModuleAnalyzer.for_module(home(module, name)).find_attr_docs().get(("", name))
    text = written or (inspect.getdoc(shown) or "").split("\n")
    return [f".. py:data:: {name}", f"   :module: {module}", "", *(f"   {line}" for line in text), ""]


class PublicNames(SphinxDirective):
    """The public names of a module, in the order of the alphabet.

    With ``:from:``, those that these modules define, or the modules in these folders, in the order of the source, and
    with ``:headings:`` under its headings, otherwise with classes first.
    """

    required_arguments = 1
    option_spec: ClassVar = {"from": directives.unchanged, "headings": directives.flag}

    def run(self) -> list[nodes.Node]:
        """The documentation of the names, and links to those that are documented elsewhere."""
        [module] = self.arguments
        names = [name for name in public(module) if not isinstance(getattr(import_module(module), name), ModuleType)]
        if "from" in self.options:
            lines, groups = [f".. py:currentmodule:: {module}", ""], self.grouped(module, names)
        else:
            lines, groups = [f".. automodule:: {module}", ""], [("", sorted(names, key=str.lower))]
        elsewhere = []
        for heading, group in groups:
            lines += [f".. rubric:: {heading}", ""] if heading else []
            for name in group:
                other, first = documented_as(module, name)
                if other == module:
                    lines += entry(module, name)
                else:
                    elsewhere.append(f":py:obj:`{name} <{other}.{first}>`")
        if elsewhere:
            lines += [".. container:: elsewhere", "", f"   Of the same name elsewhere: {', '.join(elsewhere)}.", ""]
        parent = nodes.Element()
        self.state.nested_parse(StringList(lines, source=f"{module}.__all__"), self.content_offset, parent)
        return parent.children

    def grouped(self, module: str, names: list[str]) -> Iterator[tuple[str, Iterable[str]]]:
        """Those of the names that belong to the folders, under the headings of the source."""
        package, found = module.partition(".")[0], []
        for name in names:
            other, first = documented_as(module, name)
            origin = home(other, first)
            for i, folder in enumerate(self.options["from"].split()):
                if f"{origin}.".startswith(f"{package}.{folder}."):
                    line, heading = place(origin, first)
                    if "headings" not in self.options:
                        heading, line = "", line - 10**6 * isinstance(getattr(import_module(module), name), type)
                    found.append((i, origin, line, heading, name))
        for (*_, heading), group in groupby(sorted(found), lambda one: (*one[:2], one[3])):
            yield heading, [name for *_, name in group]


def keep_bars(_app: Sphinx, _what: str, _name: str, _shown: Any, _options: Any, lines: list[str]) -> None:
    """In docstrings ``|x|`` is an absolute value, not reStructuredText's substitution."""
    example = False
    for i, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and line.strip() != "")
        if not example:
            lines[i] = re.sub(r"``.*?``|\|", lambda found: r"\|" if found[0] == "|" else found[0], line)


def resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """A reference of a docstring to a name that is documented under another, or that exists but is not public."""
    if node["refdomain"] != "py":
        return None
    target = node["reftarget"]
    for full in [target] if "." in target else [f"{module}.{target}" for module in MODULES]:
        module, _, name = full.rpartition(".")
        if module in MODULES and name in public(module):
            first = ".".join(documented_as(module, name))
            return env.domains["py"].resolve_xref(env, node["refdoc"], app.builder, "obj", first, node, content)
    ours = [module for name, module in list(sys.modules.items()) if f"{name}.".startswith(OWN)]
    return content if locate(target) or any(hasattr(module, target) for module in ours) else None


def list_names_alone(_app: Sphinx, page: nodes.document) -> None:
    """The contents of a page list its names, not also their methods, which would take half of the time of a build."""
    for signature in page.findall(addnodes.desc_signature):
        if "." in signature.get("fullname", ""):
            signature["_toc_name"] = ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-process-docstring", keep_bars, priority=400)  # before napoleon
    app.connect("doctree-read", list_names_alone, priority=400)  # before the contents are collected
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
