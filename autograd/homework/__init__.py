"""Backpropagation that a student wrote by hand in NumPy, checked line by line.

Read in this order.

* ``names`` tells which statement writes which gradient, from its names alone: ``dW1``, ``grads["W1"]``, ``self.dW``.
* ``interpreter`` runs code statement by statement, functions and classes of the code included.
* ``recording`` runs it with Tensors, finds the loss, and has the gradient of every variable from one sweep.
* ``variables`` tells which array and which name is which variable of the forward pass.
* ``judging`` runs it again with plain arrays, compares each gradient, and goes on from the right value.
* ``edits`` lists the single changes of a statement that are tried in order to name a mistake.
* ``verdicts`` is what is said of each line; ``checking`` has :func:`autograd.check_backprop`.
"""
