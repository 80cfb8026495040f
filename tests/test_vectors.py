"""glibc's functions of vectors: found when the program runs, each by itself, and otherwise replaced."""

from __future__ import annotations

import ctypes
import json
import math
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd.arrays import native_nodes
from autograd.core.config import configuration

pytestmark = [
    pytest.mark.same_in_both_modes,
    pytest.mark.skipif(not native_nodes.is_compiled(), reason="array nodes are not compiled here"),
    pytest.mark.skipif(platform.libc_ver()[0] != "glibc" or platform.machine() != "x86_64", reason="not with glibc"),
]

IDENTITY = """
typedef double b __attribute__((vector_size(16))), d __attribute__((vector_size(32)));
typedef double e __attribute__((vector_size(64)));
b _ZGVbN2v_tanh(b x) { return x; }
__attribute__((target("avx2"))) d _ZGVdN4v_tanh(d x) { return x; }
__attribute__((target("avx512f"))) e _ZGVeN8v_tanh(e x) { return x; }
"""
"""The source of a libmvec whose only function returns its operand."""

PROGRAM = """
import numpy as np
from autograd import compile, exp, show_config, tanh
show_config()
x = np.linspace(-2.0, 2.0, 100)
for f in tanh, exp:
    print(compile(f, batch=True, reduction="none")(x).tolist())
"""


def test_they_are_used_where_glibc_has_them() -> None:
    version = 235 if hasattr(ctypes.CDLL("libmvec.so.1"), "_ZGVbN2v_tanh") else 222
    assert version == native_nodes.nodes.VECTORS
    assert configuration()["vector functions"].startswith("libmvec")


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_each_is_found_when_the_program_runs(tmp_path: Path) -> None:
    source = tmp_path / "identity.c"
    source.write_text(IDENTITY, encoding="utf-8")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", tmp_path / "libmvec.so.1", source], check=True)
    environment = os.environ | {
        "LD_LIBRARY_PATH": str(tmp_path),
        "PYTHONPATH": str(Path(autograd.__file__).parent.parent),
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    *lines, of_tanh, of_exp = done.stdout.splitlines()
    assert "vector functions: no: the C library lacks them" in lines  # that is, not all of one version
    x = np.linspace(-2.0, 2.0, 100).tolist()
    assert json.loads(of_tanh) == x
    assert json.loads(of_exp) == [math.exp(number) for number in x]
