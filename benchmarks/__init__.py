"""Speed, as ratios against peers in one run: ``python -m benchmarks``.

A group is a module, which says how it uses every engine: :mod:`~benchmarks.scalar`, :mod:`~benchmarks.compiled`,
:mod:`~benchmarks.tensor`, :mod:`~benchmarks.scale` and :mod:`~benchmarks.draw`.  Where clocks are too noisy,
:mod:`benchmarks.instructions` counts instructions.
"""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""The environment in which BLAS, PyTorch and XLA keep to one thread, if it is set before they are imported."""
