"""Handwritten digits: 5000 of MNIST, included in the package; the small ones of scikit-learn; and all of MNIST.

All three functions return training samples and held-out samples, each a pair of ``x``, with pixels as floats from 0
(paper) to 1 (ink), and ``y``, the digits.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np

from nn.aliases import Array

__all__ = ["digits_8x8", "digits_28x28", "openml_digits"]

Samples: TypeAlias = tuple[Array, Array]


def digits_28x28(images: bool = False) -> tuple[Samples, Samples]:
    """5000 handwritten digits of 28x28 pixels: 4000 to train on and 1000 to test with, 400 and 100 of each digit.

    They are the first 500 images of each digit in MNIST, by Yann LeCun and Corinna Cortes, under the licence CC BY-SA
    3.0; ``LICENSE-MNIST.txt`` next to the file says how they were chosen.  The digits are in the order 0 to 9, 0 to 9,
    ..., so that the first 1000 rows contain 100 of each, too.

    Args:
        images: whether to keep the rows and columns of each image, or to flatten it to 784 pixels.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``; ``x`` of shape (n, 784), or (n, 28, 28), ``y`` of shape (n,).

    >>> (x_train, y_train), (x_test, y_test) = digits_28x28()
    >>> x_train.shape, x_test.shape, y_test[:12].tolist()
    ((4000, 784), (1000, 784), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    """
    with (files("nn.data") / "mnist_5000.npz").open("rb") as file, np.load(file) as arrays:
        x, y = _scaled(arrays["images"], 255, images), arrays["labels"].astype(int)
    return (x[:4000], y[:4000]), (x[4000:], y[4000:])


def digits_8x8(images: bool = False) -> tuple[Samples, Samples]:
    """scikit-learn's 1797 handwritten digits of 8x8 pixels: 1438 to train on and 359 to test with.

    They are part of E. Alpaydin and C. Kaynak's Optical Recognition of Handwritten Digits (1998), from the UCI
    Machine Learning Repository, under the licence CC BY 4.0.  Every fifth of each digit is a test sample.

    Args:
        images: whether to keep the rows and columns of each image, or to flatten it to 64 pixels.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``; ``x`` of shape (n, 64), or (n, 8, 8), ``y`` of shape (n,).

    Raises:
        ImportError: if scikit-learn is not installed.
    """
    digits = _datasets("the 8x8 digits").load_digits()
    x, y = _scaled(digits.images, 16, images), digits.target.astype(int)
    test = np.zeros(len(y), bool)
    test[np.argsort(y, kind="stable")[2::5]] = True
    return (x[~test], y[~test]), (x[test], y[test])


def openml_digits(images: bool = False) -> tuple[Samples, Samples]:
    """All of MNIST: 60,000 digits to train on and 10,000 to test with, downloaded from OpenML by scikit-learn.

    The first call takes minutes; the download is kept in scikit-learn's data folder.  Nothing else in this package
    uses the network.

    Args:
        images: whether to keep the rows and columns of each image, or to flatten it to 784 pixels.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``; ``x`` of shape (n, 784), or (n, 28, 28), ``y`` of shape (n,).

    Raises:
        ImportError: if scikit-learn is not installed.
        ConnectionError: if the download fails.
    """
    fetch = _datasets("the digits of OpenML").fetch_openml
    try:
        pixels, labels = fetch("mnist_784", version=1, return_X_y=True, as_frame=False, parser="liac-arff")
    except OSError as error:
        raise ConnectionError(
            f"the download of MNIST from OpenML failed ({error}): try again later, or use digits_28x28()"
        ) from error
    x, y = _scaled(np.reshape(pixels, (-1, 28, 28)), 255, images), np.asarray(labels).astype(int)
    return (x[:-10_000], y[:-10_000]), (x[-10_000:], y[-10_000:])


def _scaled(pixels: Array, ink: int, images: bool) -> Array:
    """Pixels from 0 to ``ink`` as floats from 0 to 1, as images or flattened."""
    x: Array = pixels / ink
    return x if images else x.reshape(len(x), -1)


def _datasets(what: str) -> Any:
    """``sklearn.datasets``, which ``what`` needs."""
    try:
        import sklearn.datasets
    except ImportError:
        raise ImportError(f'{what} need scikit-learn, which is not installed: pip install "pathgrad[data]"') from None
    return sklearn.datasets
