"""The exercises of the notebook 09-backpropagation-by-hand."""
