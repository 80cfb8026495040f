"""The exercises of the notebook 14-a-sweep-of-your-own."""
