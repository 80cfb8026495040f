"""The compiled parts of pathgrad.  All of them are optional: without a C compiler, Python and NumPy do the work.

``PATHGRAD_PURE=1 pip install .`` compiles nothing, also where there is a compiler.
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
#include <math.h>
__attribute__((simd("notinbranch"))) double {function}(double);
double x[64];
int main(void) {{ for (int i = 0; i < 64; i++) x[i] = {function}(x[i]); return (int)x[0]; }}
"""
"""A program that links only with a libmvec, the mathematical functions of whole vectors, which has the function."""


def core() -> list[Extension]:
    """``autograd.core.value``, whose Python source Cython takes for C; nothing where there is no Cython."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    source = Path("autograd/core/value.py")
    extension = Extension(
        "autograd.core.value",
        [str(source)],
        # Arithmetic is that of Python: no multiplication and addition in one, and nobody reads errno.
        extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-ffp-contract=off"],
    )
    directives = {"auto_pickle": False, "autotestdict": False}
    [compiled] = cythonize(
        [extension], build_dir="build/cython", force=True, language_level=3, compiler_directives=directives
    )
    compiled.optional = True  # which cythonize forgets
    # By this mark autograd.config knows a library that was made of another source than lies beside it.
    mark = hashlib.sha256(source.read_bytes()).hexdigest()
    with open(compiled.sources[0], "a", encoding="utf-8") as file:
        file.write(f'\nPy_EXPORTED_SYMBOL const char pathgrad_source[] = "{mark}";\n')
    return [compiled]


def lanes() -> Extension:
    """The machine of ``autograd.compiler.native_machine``, which runs compiled functions on all samples of a batch."""
    return Extension(
        "autograd.compiler._lanes",
        ["autograd/compiler/native/lanes.c"],
        depends=["autograd/compiler/native/lanes.h", "autograd/compiler/native/kernels.h"],
        # Neither flag changes a value: they say that nobody reads errno and the flags of floating-point exceptions.
        extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-fno-trapping-math"],
        optional=True,
    )


class Build(build_ext):
    """Compile with what this machine's C library offers."""

    def build_extension(self, ext: Extension) -> None:
        """Let the lanes use glibc's functions of whole vectors, as far as it has them."""
        if ext.name == "autograd.compiler._lanes" and sys.platform == "linux" and platform.machine() == "x86_64":
            version = next(
                (version for version, new in ((235, "tanh"), (222, "exp")) if self._has_vectors_of(new)), None
            )
            if version:
                ext.define_macros.append(("HAVE_LIBMVEC", str(version)))
                ext.libraries += ["mvec", "m"]
        super().build_extension(ext)

    def _has_vectors_of(self, function: str) -> bool:
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
setup(ext_modules=[] if pure else [*core(), lanes()], cmdclass={"build_ext": Build})
