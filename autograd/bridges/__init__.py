"""Bridges to PyTorch and JAX: their functions under our checks and as our graphs, and ours inside theirs.

Both libraries are extras, and imported when a bridge is first used.  Read in this order.

* ``steps`` checks the steps of a function one by one, whatever library it was written with.
* ``torch_steps`` and ``jax_steps`` find the steps: :func:`autograd.testing.check_torch` and ``check_jax``.
* ``torch_functions`` and ``jax_functions`` carry functions across: :func:`autograd.to_torch`, ``from_torch``,
  ``to_jax`` and ``from_jax``; ``numbers`` has what the second and the last of them share.
"""
