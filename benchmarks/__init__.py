"""Speed compared with other engines, measured in one run: ``python -m benchmarks``.

Read in this order: ``measure`` runs and times engines, ``report`` prints tables, ``command`` is the command.  Each
group of benchmarks is one module that says how it uses every engine: ``scalar``, ``compiled``, ``tensor``, ``scale``
and ``draw``.  ``training`` is a task that several groups share; ``ours``, ``peers`` and ``hips`` set engines up.
``instructions`` counts instructions, for changes that are too small for a clock.
"""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""Environment variables that make BLAS, PyTorch and XLA use one thread, if set before they are imported."""
