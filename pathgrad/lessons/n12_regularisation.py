"""The exercises of the notebook 12-regularisation."""
