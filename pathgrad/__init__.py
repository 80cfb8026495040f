"""The command ``pathgrad``, and the worked examples of the lecture notes."""

import autograd

if not hasattr(autograd, "PRIMITIVES"):
    raise ImportError(
        "pathgrad needs its own package autograd, but import autograd finds another one, most likely HIPS autograd: "
        "keep the two in separate environments (pip uninstall autograd pathgrad, then pip install pathgrad)"
    )

__version__ = autograd.__version__
