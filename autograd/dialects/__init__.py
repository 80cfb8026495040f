"""The table of calculus written in other languages: Python source, C, and SymPy formulas."""
