"""The gradient explained: the dependency graph, its paths, naive sweeps, and formulas given as text."""
