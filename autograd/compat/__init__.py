"""Names that programs written for HIPS autograd import; such programs then run here unchanged.

HIPS autograd has the same import name.  Its modules, such as ``autograd.numpy`` and ``autograd.misc.optimizers``, exist
here as modules of one line that pass on the names below.  ``import autograd`` does not load them, and nothing else here
uses them.

- :mod:`autograd.compat.transforms`: ``make_vjp``, ``hessian_vector_product`` and others, also as names of ``autograd``;
- :mod:`autograd.compat.numpy_functions`: functions of NumPy that Tensors do not support by themselves;
- :mod:`autograd.compat.declaring`: ``primitive``, ``defvjp``, ``defjvp``;
- :mod:`autograd.compat.objects`: ``Box`` and ``VSpace``, for arguments of a type of the user's own;
- :mod:`autograd.compat.flattening`, ``optimizers``, ``fixed_points``, ``checking``, ``tracing``, ``containers``;
- :mod:`autograd.compat.special`, ``linalg``, ``stats``: functions of SciPy.

Not supported are complex numbers.
"""
