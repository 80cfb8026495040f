"""The exercises of the notebook 05-perceptron-and-gates."""
