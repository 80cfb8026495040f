"""The exercises of the notebook 08-regression."""
