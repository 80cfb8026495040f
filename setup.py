"""Builds the compiled parts of pathgrad: the core, the lanes, a comparison of containers, and array nodes.

All are optional.  Without a C compiler, and with ``PATHGRAD_PURE=1 pip install .``, pathgrad runs on Python and NumPy.
``PATHGRAD_REPOSITORY`` is the address that a release names; the workflow of a release sets it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from setuptools import Extension, setup

FLAGS = [] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-fno-trapping-math"]
"""These flags change no value: errno and the flags of floating-point exceptions are never read."""


def core() -> list[Extension]:
    """The core, which Cython translates from Python to C; an empty list without Cython."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    extensions = [
        Extension(
            f"autograd.core.{name}",
            [f"autograd/core/{name}.py"],
            # The same arithmetic as in Python: no fused multiply-add.  errno is never read.
            extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-ffp-contract=off"],
        )
        for name in ("columns", "value")
    ]
    sources = [Path(extension.sources[0]) for extension in extensions]
    directives = {"auto_pickle": False, "autotestdict": False}
    compiled = cythonize(
        extensions, build_dir="build/cython", force=True, language_level=3, compiler_directives=directives
    )
    for extension, source in zip(compiled, sources, strict=True):
        extension.optional = True  # cythonize does not pass it on
        # autograd.core.config looks for this digest in the library, to see if it was compiled from the present source.
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        with open(extension.sources[0], "a", encoding="utf-8") as file:
            file.write(f'\nPy_EXPORTED_SYMBOL const char pathgrad_source[] = "{digest}";\n')
    return list(compiled)


VECTORS = Path("autograd/arrays/native/vectors.c")
"""The functions of vectors that both extensions below use."""


def with_numpy(name: str, source: str, *headers: str) -> list[Extension]:
    """An extension that uses NumPy's C API and functions of vectors; an empty list without NumPy."""
    try:
        from numpy import get_include
    except ImportError:
        return []
    folder = os.path.dirname(source)
    extension = Extension(
        name,
        [source, str(VECTORS)],
        include_dirs=[get_include()],
        depends=[str(VECTORS.with_suffix(".h")), *[f"{folder}/{header}.h" for header in headers]],
        libraries=["m", "dl"] if sys.platform == "linux" else [],
        extra_compile_args=FLAGS,
        optional=True,
    )
    return [extension]


def lanes() -> list[Extension]:
    """The lanes, the C machine that runs compiled functions."""
    return with_numpy("autograd.compiler._lanes", "autograd/compiler/native/lanes.c", "lanes", "kernels", "calls")


def holds() -> Extension:
    """The comparison of containers, with which a compiled function sees whether what it reads has changed."""
    return Extension("autograd.compiler._holds", ["autograd/compiler/native/holds.c"], optional=True)


def nodes() -> list[Extension]:
    """Array nodes, which record and sweep Tensors."""
    headers = "rows", "loops", "levels", "arrays", "recording", "sweep"
    return with_numpy("autograd.arrays._nodes", "autograd/arrays/native/nodes.c", *headers)


def addresses(repository: str) -> dict[str, str]:
    """The links of a release: those of the repository that publishes it, ``https://github.com/OWNER/NAME``, if any."""
    if not repository:
        return {}
    host, owner, name = repository.rsplit("/", 2)
    pages = f"https://{owner}.github.io/{name}/" if host == "https://github.com" else None
    return {
        "Source": repository,
        "Issues": f"{repository}/issues",
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
        **({"Documentation": pages} if pages else {}),
    }


pure = os.environ.get("PATHGRAD_PURE", "0") != "0"
setup(
    ext_modules=[] if pure else [*core(), *lanes(), holds(), *nodes()],
    project_urls=addresses(os.environ.get("PATHGRAD_REPOSITORY", "")),
)
