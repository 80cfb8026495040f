"""Numbers, the table of calculus, and the sweep.

Read in this order: ``sweep`` (the protocol of a node, and the chain rule as a backward sweep), the first 150 lines of
``rules`` (the table of calculus), ``value`` down to its generated part (one number that remembers how it was made).
Then ``primitive``: what a row of the table is.  The rest serves these four.
"""

from typing import NoReturn

_OF_HIPS = {"make_jvp", "make_vjp", "vspace", "VSpace", "defvjp", "defjvp", "JVPNode", "VJPNode"}


def __getattr__(name: str) -> NoReturn:
    if name in _OF_HIPS:
        raise ImportError(
            f"autograd.core.{name} belongs to HIPS autograd, but this autograd is pathgrad's: use autograd.vjp or "
            "autograd.jvp, and autograd.primitive to declare a primitive"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
