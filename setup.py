"""The compiled parts of pathgrad.  All of them are optional: without a C compiler, Python and NumPy do the work."""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

LIBMVEC = """
#include <math.h>
__attribute__((simd("notinbranch"))) double exp(double);
double x[64];
int main(void) { for (int i = 0; i < 64; i++) x[i] = exp(x[i]); return (int)x[0]; }
"""


def lanes() -> Extension:
    """The machine of ``autograd.native``, which runs compiled functions on all samples of a batch."""
    # Neither flag changes a value: they say that nobody reads errno and the flags of floating-point exceptions.
    flags = [] if sys.platform == "win32" else ["-O3", "-fno-math-errno", "-fno-trapping-math"]
    return Extension(
        "autograd._lanes",
        ["autograd/lanes.c"],
        depends=["autograd/lanes.h", "autograd/kernels.h"],
        extra_compile_args=flags,
        optional=True,
    )


class Build(build_ext):
    """Compile with what this machine's C library offers."""

    def build_extension(self, ext: Extension) -> None:
        """Let the lanes use glibc's functions of whole vectors, where they are."""
        if ext.name == "autograd._lanes" and self._has_libmvec():
            ext.define_macros.append(("HAVE_LIBMVEC", "1"))
            ext.libraries.append("mvec")
        super().build_extension(ext)

    def _has_libmvec(self) -> bool:
        if not (sys.platform == "linux" and platform.machine() == "x86_64"):
            return False
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "probe.c")
            file.write_text(LIBMVEC, encoding="utf-8")
            try:
                objects = self.compiler.compile(
                    [str(file)], output_dir=folder, extra_postargs=["-O3", "-fno-math-errno"]
                )
                self.compiler.link_executable(objects, str(Path(folder, "probe")), libraries=["mvec", "m"])
            except Exception:  # whatever a compiler may say, it says no
                return False
        return True


setup(ext_modules=[lanes()], cmdclass={"build_ext": Build})
