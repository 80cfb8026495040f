"""One command for every generated file.

``python -m autograd.generate`` writes them; with ``--check`` it only says which ones are not what the table says.
"""

from __future__ import annotations

import argparse
import sys

from autograd.arrays import methods_writer
from autograd.checks import coverage, page
from autograd.dialects import c, javascript, value_methods

__all__ = ["WRITERS", "main"]

WRITERS = {
    "the operators and functions of Value, in autograd/core/value.py": value_methods.write,
    "the function methods of Tensor, autograd/arrays/tensor_methods.py": methods_writer.write,
    "the kernels of the native machine, autograd/compiler/native/kernels.h": c.write,
    "the table in JavaScript, autograd/pictures/page/rules.mjs": javascript.write,
    "the kernels of array nodes, autograd/arrays/native/rows.h": c.write_array_kernels,
    "the table of primitives, docs/primitives.md": page.write,
    "what NumPy and PyTorch have, docs/coverage.md": coverage.write,
}
"""What is generated, and the function that writes it, or with ``check=True`` says whether it is up to date."""


def main(arguments: list[str] | None = None) -> int:
    """Write or check every generated file; returns 1 if a check found one out of date."""
    parser = argparse.ArgumentParser(prog="python -m autograd.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    check = parser.parse_args(arguments).check
    stale = [what for what, write in WRITERS.items() if not write(check)]
    for what in stale:
        print(f"out of date: {what}" if check else f"written: {what}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
