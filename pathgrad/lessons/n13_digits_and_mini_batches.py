"""The exercises of the notebook 13-digits-and-mini-batches."""
