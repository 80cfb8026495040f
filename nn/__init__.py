"""Neurons, layers, losses and optimizers: a thin layer on :mod:`autograd`."""
