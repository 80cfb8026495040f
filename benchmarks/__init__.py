"""Speed compared with other engines, measured in one run: ``python -m benchmarks``.

Read in this order: ``measure`` runs and times engines, ``report`` prints tables, ``command`` is the command.  Each
group of benchmarks is one module that says how it uses every engine: ``scalar``, ``compiled``, ``functions``,
``matrices``, ``tensor``, ``fit``, ``scale``, ``growth`` with its ``figure``, ``draw`` and ``page``.  ``training`` is a
task that several groups share; ``ours``, ``peers`` and ``hips`` set engines up.  ``instructions`` counts instructions,
for changes that are too small for a clock.
"""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The checkout: benchmarks are not installed."""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""Environment variables that make BLAS, PyTorch and XLA use one thread, if set before they are imported."""


def prefer_compiled() -> None:
    """Import an installed pathgrad before the source in this checkout, unless that is compiled.

    Python looks into the current folder first, where plain source hides the compiled package of ``pip install .``.
    Where nothing is installed, the checkout is still found.
    """
    core = ROOT / "autograd" / "core"
    is_compiled = any((core / f"value{suffix}").exists() for suffix in EXTENSION_SUFFIXES)
    if "autograd" not in sys.modules and not is_compiled:
        here = [entry for entry in sys.path if Path(entry).resolve() == ROOT]
        sys.path[:] = [entry for entry in sys.path if entry not in here] + here


prefer_compiled()
