"""Builds the compiled parts of pathgrad: the core, the lanes, a comparison of containers, and array nodes.

All are optional.  Without a C compiler, and with ``PATHGRAD_PURE=1 pip install .``, pathgrad runs on Python and NumPy.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError

PROBE = """
#ifdef __clang__
#error clang ignores this attribute
#endif
#include <math.h>
__attribute__((simd("notinbranch"))) double {function}(double);
double x[64];
int main(void) {{ for (int i = 0; i < 64; i++) x[i] = {function}(x[i]); return (int)x[0]; }}
"""
"""A C program that links only if libmvec, glibc's library of vector functions, has a vector form of the function."""

VECTOR_FUNCTIONS = {235: "tanh", 222: "exp"}
"""For each version of glibc with new vector functions (2.35 and 2.22), one of them, newest first."""

VECTORISED = {"autograd.compiler._lanes", "autograd.arrays._nodes"}
"""The extensions that use vector functions."""

FLAGS = [] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-fno-trapping-math"]
"""These flags change no value: errno and the flags of floating-point exceptions are never read."""


def core() -> list[Extension]:
    """The core, ``autograd/core/value.py``, which Cython translates to C; an empty list without Cython."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    source = Path("autograd/core/value.py")
    extension = Extension(
        "autograd.core.value",
        [str(source)],
        # The same arithmetic as in Python: no fused multiply-add.  errno is never read.
        extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-ffp-contract=off"],
    )
    directives = {"auto_pickle": False, "autotestdict": False}
    [compiled] = cythonize(
        [extension], build_dir="build/cython", force=True, language_level=3, compiler_directives=directives
    )
    compiled.optional = True  # cythonize does not pass it on
    # autograd.core.config looks for this digest in the library, to see if it was compiled from the present source.
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    with open(compiled.sources[0], "a", encoding="utf-8") as file:
        file.write(f'\nPy_EXPORTED_SYMBOL const char pathgrad_source[] = "{digest}";\n')
    return [compiled]


def with_numpy(name: str, source: str, *headers: str) -> list[Extension]:
    """An extension that uses NumPy's C API; an empty list without NumPy."""
    try:
        from numpy import get_include
    except ImportError:
        return []
    folder = os.path.dirname(source)
    extension = Extension(
        name,
        [source],
        include_dirs=[get_include()],
        depends=[f"{folder}/{header}.h" for header in headers],
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


class Build(build_ext):
    """Compiles the lanes and the array nodes with glibc's vector functions, as far as this machine has them."""

    def build_extension(self, ext: Extension) -> None:
        """Compile one extension."""
        if ext.name in VECTORISED and sys.platform == "linux" and platform.machine() == "x86_64":
            version = next((version for version, new in VECTOR_FUNCTIONS.items() if self._has_vectors_of(new)), None)
            if version:
                ext.define_macros.append(("HAVE_LIBMVEC", str(version)))
                ext.libraries += ["mvec", "m"]
        super().build_extension(ext)

    def _has_vectors_of(self, function: str) -> bool:
        """Whether the program above compiles and links for this function."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "probe.c")
            file.write_text(PROBE.format(function=function), encoding="utf-8")
            compiling, linking = ["-O3", "-fno-math-errno"], os.environ.get("LDFLAGS", "").split()
            try:
                objects = self.compiler.compile([str(file)], output_dir=folder, extra_postargs=compiling)
                self.compiler.link_executable(
                    objects, str(Path(folder, "probe")), libraries=["mvec", "m"], extra_postargs=linking
                )
            except CCompilerError:
                return False
        return True


pure = os.environ.get("PATHGRAD_PURE", "0") != "0"
setup(ext_modules=[] if pure else [*core(), *lanes(), holds(), *nodes()], cmdclass={"build_ext": Build})
