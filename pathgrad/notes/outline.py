"""The five lecture notes: their titles, what they are about, and the headings of their pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["NOTES", "Notes", "places"]


@dataclass(frozen=True)
class Notes:
    """One set of lecture notes.

    Attributes:
        title: the title.
        about: the form and the topics.
        headings: the headings in English, by the lines of the scan where they stand.
    """

    title: str
    about: str
    headings: dict[int, str]

    def heading(self, line: int) -> str:
        """The heading above a line of the scan.

        >>> NOTES[3].heading(326)
        'Recap: composite function differentiation'
        """
        return self.headings[max(start for start in self.headings if start <= line)]


NOTES = (
    Notes(
        "Deep Neural Network",
        "handwritten: cross entropy from likelihood, activations, the chain rule, vanishing gradients",
        {
            5: "Deep neural network",
            14: "Loss function",
            88: "Activation function",
            120: "Perceptron",
            140: "Chain rule",
            147: "Chain rule: in a neural network",
            156: "The slope of the activation function",
            171: "Vanishing gradient",
        },
    ),
    Notes(
        "Basics of Deep Learning",
        "slides: activations, forward and backward propagation, four losses",
        {
            5: "Basics of deep learning",
            10: "1. Artificial neural networks",
            32: "2. Activation function",
            85: "2-2. Forward and backward propagation",
            104: "3. Loss function",
            122: "4. Optimizer",
        },
    ),
    Notes(
        "ABC to Deep Learning",
        "slides: from the perceptron to ten digits, with all optimizers and tables of their steps",
        {
            4: "ABC to deep learning",
            34: "Artificial intelligence",
            85: "Knowledge based and data based",
            149: "Learning from data: the curse of dimensionality",
            173: "Features and dimensions",
            196: "Perceptron",
            226: "Perceptron: the OR gate",
            258: "Perceptron: the AND gate",
            286: "Supervised learning with a perceptron",
            456: "Implementing the perceptron",
            536: "The limits of the perceptron",
            600: "Activation functions approximate other functions",
            619: "Bayes' theorem",
            648: "Several classes: softmax",
            660: "Loss functions in statistical terms",
            673: "The maximum likelihood method",
            710: "The Bernoulli distribution",
            724: "Cross entropy",
            733: "A network of one layer",
            797: "The cost of two samples",
            813: "Networks of several layers",
            1053: "Do hidden layers need an activation function?",
            1077: "Which activation function in hidden layers?",
            1096: "Shallow and deep networks",
            1106: "Machine learning and the optimisation of functions",
            1139: "Finding a minimum by gradient descent",
            1144: "Numerical differences",
            1204: "The tangent",
            1223: "Gradient descent: finding a minimum",
            1245: "Gradient descent: what to watch for",
            1366: "The weak point of gradient descent",
            1451: "Momentum",
            1521: "Derivatives of functions of two variables",
            1556: "Gradient descent in two variables",
            1578: "Momentum in two variables",
            1623: "Adaptive method: AdaGrad",
            1767: "RMSProp",
            1832: "Adam",
            1956: "Vanishing gradient: initial weights",
            2015: "Exploding gradient: overfitting",
            2036: "Exploding gradient: weight decay",
            2060: "Types of regularization",
            2078: "Dropout",
            2116: "Batch normalization",
            2162: "Several classes: digits",
            2202: "Batches",
        },
    ),
    Notes(
        "Error Back Propagation Algorithm",
        "slides with handwriting: the chain rule along the paths of a graph, and a network trained by hand",
        {
            4: "A learning algorithm: error back propagation",
            6: "Introduction",
            54: "Recap: linear regression",
            105: "Recap: logistic regression",
            151: "Recap: gradient descent method",
            167: "Neural network training: linear regression",
            192: "Neural network training: regression",
            209: "Neural network training: logistic regression",
            230: "Neural network training: classification",
            252: "How to differentiate a network",
            264: "Network differentiation example",
            315: "Recap: composite function differentiation",
            380: "Network differentiation example",
            496: "Example: training of a simple neural network",
            666: "Some questions",
            746: "Other considerations",
        },
    ),
    Notes(
        "Activation Functions",
        "handwritten: activations and their derivatives, vectorised gradient descent, random initialisation",
        {
            4: "Activation functions",
            47: "ReLU",
            72: "Why non-linear functions?",
            89: "The derivatives of activation functions",
            124: "Vectorised gradient descent",
            180: "Random initialisation",
        },
    ),
)
"""The five lecture notes in their order."""


def places(source: str) -> list[tuple[int, int]]:
    """The places in the notes that a source names: the number of the notes, and the first line there.

    >>> places("notes 1, line 41; notes 4, lines 22, 91-100")
    [(1, 41), (4, 22)]
    """
    return [(int(notes), int(line)) for notes, line in re.findall(r"notes (\d), lines? (\d+)", source)]
