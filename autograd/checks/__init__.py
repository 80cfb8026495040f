"""Derivatives checked: by differences, edge by edge, and over the whole table of calculus."""
