"""The exercises of the notebook 04-momentum-to-adam."""
