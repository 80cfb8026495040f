"""Compiled functions: a function is recorded once, and its program is run again and again, on whole batches."""
