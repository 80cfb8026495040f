"""The tables and points of the lecture notes, and stand-ins for points that the notes draw without numbers.

Every call returns new arrays, which may be changed.  Tables of one variable have an ``x`` with one axis;
``x[:, None]`` makes it a column of features.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from nn.aliases import Array

__all__ = [
    "apples",
    "digit_probabilities",
    "likelihood_points",
    "line_points",
    "linear_regression_table",
    "logistic_regression_table",
    "perceptron_points",
    "polynomial_points",
]

Table: TypeAlias = tuple[Array, Array]


def perceptron_points() -> Table:
    """Two points in the plane and their sides, +1 and -1.

    Origin: the worked steps of the perceptron's learning rule.  The notes draw five points and use these two.

    >>> perceptron_points()
    (array([[2., 2.],
           [4., 0.]]), array([ 1, -1]))
    """
    return np.array([[2.0, 2.0], [4.0, 0.0]]), np.array([1, -1])


def line_points() -> Table:
    """Four points whose line of least squares is 1.1 x + 1.1.

    Origin: the chapter on regression, which draws points without numbers; these are stand-ins.

    >>> x, y = line_points()
    >>> print(np.polyfit(x, y, deg=1).round(9))
    [1.1 1.1]
    """
    return np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0, 5.0])


_X = ((3, 1), (4, 3), (6, 1), (2, 3), (5, 9), (4, 8), (1, 2), (4, 4), (4, 1), (5, 5))


def linear_regression_table() -> Table:
    """Ten rows of two features and a number to predict.

    Origin: the recap of linear regression in the chapter on error back-propagation.  No plane comes close to these
    targets, although the notes say so: the best one explains a fifth of their variance.

    >>> x, y = linear_regression_table()
    >>> x.shape, y.tolist()
    ((10, 2), [-1.0, 1.0, 0.5, 3.0, -2.0, 5.0, 2.0, -2.0, -4.0, 1.0])
    """
    return np.array(_X, float), np.array([-1.0, 1.0, 0.5, 3.0, -2.0, 5.0, 2.0, -2.0, -4.0, 1.0])


def logistic_regression_table() -> Table:
    """The ten rows of :func:`linear_regression_table` with a label, 0 or 1, to predict.

    Origin: the recap of logistic regression in the chapter on error back-propagation.  No line separates the labels,
    although the notes say so: the best one classifies eight of them correctly.

    >>> x, y = logistic_regression_table()
    >>> x.shape, y.tolist()
    ((10, 2), [0, 1, 0, 0, 1, 1, 1, 0, 0, 1])
    """
    return np.array(_X, float), np.array([0, 1, 0, 0, 1, 1, 1, 0, 0, 1])


def likelihood_points() -> Table:
    """Three numbers; the first and the last have the label 1.

    Origin: the likelihood of labelled points in the notes on cross entropy, P = σ(2) (1 - σ(3)) σ(5) where w is 1.

    >>> likelihood_points()
    (array([2., 3., 5.]), array([1, 0, 1]))
    """
    return np.array([2.0, 3.0, 5.0]), np.array([1, 0, 1])


def apples() -> Array:
    """Five draws from a box: two apples, 1, and three oranges, 0.

    Origin: the chapter on maximum likelihood, where the most likely share of apples is 2/5.

    >>> apples()
    array([1, 1, 0, 0, 0])
    """
    return np.array([1, 1, 0, 0, 0])


def polynomial_points() -> Table:
    """Ten points near sin 2πx at x = 0, 1/9, …, 1, which polynomials of high degree overfit.

    Origin: the chapter on overfitting prints the coefficients of fitted polynomials; the points are those of C. Bishop,
    Pattern Recognition and Machine Learning (2006), where table 1.1 has the same coefficients.  The polynomial that the
    notes call M = 6 is the cubic.

    >>> x, y = polynomial_points()
    >>> print(np.polyfit(x, y, deg=3)[::-1].round(2))
    [  0.31   7.99 -25.43  17.37]
    """
    y = [0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502]
    return np.arange(10) / 9, np.array(y)


def digit_probabilities() -> Array:
    """A possible output of a network for an image of a digit: probabilities of 0, 1, …, 9, the highest for 5.

    Origin: the chapter on more than two classes, with the same rounding.

    >>> p = digit_probabilities()
    >>> int(p.argmax()), round(float(p.sum()), 12)
    (5, 1.0)
    """
    return np.array([0.1, 0.0, 0.0, 0.0, 0.04, 0.8, 0.05, 0.0, 0.0, 0.01])
