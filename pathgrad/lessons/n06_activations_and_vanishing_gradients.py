"""The exercises of the notebook 06-activations-and-vanishing-gradients."""
