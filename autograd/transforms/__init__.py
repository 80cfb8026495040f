"""Functions that turn a function into its derivatives, and functions that save memory.

``gradients`` has grad, value_and_grad, elementwise_grad, jacobian, hessian, jvp, vjp and hvp.  ``checkpointing`` has
checkpoint, which computes a part of a graph twice instead of storing it.
"""
