"""The exercises of the notebook 03-descent-and-its-traps."""
