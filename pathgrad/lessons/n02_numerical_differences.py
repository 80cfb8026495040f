"""The exercises of the notebook 02-numerical-differences."""
