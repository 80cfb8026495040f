"""Compiled functions: a function of numbers is recorded once, and replayed as straight-line code over whole batches.

Each module imports only modules above it in this list, which is also the order to read them in.

What a function computes:

* ``operations``: the operations of a program, built from the table.
* ``expressions``: expressions, each written once, and how they are simplified.
* ``derivatives``: reverse mode and forward mode, from expressions to expressions.
* ``sparsity``: Jacobians and Hessians, of which only what lies on a path is computed.
* ``recording``: a function, run with Values, as expressions.

How it is computed:

* ``machine``: instructions on registers, and the protocol of a machine.  To add a compile target, start here.
* ``threads``: threads that share a large batch.
* ``numpy_machine``, ``native_machine``: the two machines; the C code of the second is in ``native/``.
* ``lowering``: expressions as assignments, and these as instructions on registers.
* ``rows``: assignments that are alike, side by side.
* ``arguments``: the numbers in the arguments of a function, flattened into the inputs of a program.
* ``listing``: assignments as text.
* ``standalone``: a program as a function in Python or C.
* ``program``: all of this in one object, and the choice of the machine.
* ``compiled_operation``: a program as an operation on nodes.

What a user calls:

* ``environment``: what a function reads from outside, and whether that has changed; a part of it in C.
* ``specialization``: a function recorded for arguments of one structure, with the programs of its derivatives.
* ``function``: ``compile``.
"""
