"""Densities and distribution functions, one module for each distribution, with the names of ``scipy.stats``.

Each is composed of functions of the tables, so there are no derivatives here.  Outside of its support a density is 0;
for parameters that no distribution has, everything is nan.
"""
