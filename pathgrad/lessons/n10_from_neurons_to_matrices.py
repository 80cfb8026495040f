"""The exercises of the notebook 10-from-neurons-to-matrices."""
