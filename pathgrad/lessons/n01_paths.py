"""The exercises of the notebook 01-paths."""

from __future__ import annotations

import re
from typing import Any

from autograd import check_claim, define, paths
from pathgrad.lessons.exercise import close, exercise, faults


@exercise("01-silent-path", "the path exists, but its last factor ∂y/∂x = t is 0 at w = 0")
def silent_path(answer: Any) -> str | None:
    """A path as text, such as ``w → t → y``."""
    names = re.findall(r"\w+", str(answer))
    found = paths(define("y = x*t + v; x = 2*v; t = sin(w); v = exp(w)", w=0)["y"], "w")
    product = {path.names: path.product for path in found}.get(tuple(names))
    if product is None:
        return f"{' → '.join(names)} is not a path from w to y"
    return f"its product is not 0: at w = 0 it is {product:g}" if product else None


@exercise("01-from-the-middle", "a path from w that passes through v ends with one of these two")
def from_the_middle(answer: Any) -> str | None:
    """The formula of dy/dv."""
    return faults(check_claim("y = 1/(x + t); x = v**2 + w; t = sin((w + v)*pi)", "y", {"v": answer}))


@exercise("01-three-squares", "there are 2³ paths and each carries a·b·c = a⁷; their sum 8a⁷ is the derivative of a⁸")
def three_squares(answer: Any) -> str | None:
    """The number of paths, and the product along one of them."""
    count, product = answer
    if not close(count, 8):
        return "two arrows lead into each square, so each step doubles the number of paths"
    if close(product, 1024):
        return "that is the sum over all the paths; one of them carries less"
    return None if close(product, 128) else "the arrows into b carry a, those into c carry b, and those into y carry c"
