"""The exercises of the notebook 07-losses-from-likelihood."""
