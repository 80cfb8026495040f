"""The exercises of the notebook 11-initialisation."""
