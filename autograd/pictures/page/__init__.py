"""A page of HTML that explores a graph: one file, which needs no server and no network.  In reading order:

1. :mod:`~autograd.pictures.page.data`: a graph as plain data; its docstring is the schema.
2. ``rules.mjs``: the table of calculus in JavaScript, generated; ``engine.mjs`` computes with it.
3. ``layout.mjs``: places of boxes and edges; ``page.mjs``: the page, as a function ``render(element, data)``.
4. ``formulas.mjs``: the playground, a box for formulas above the same page.
5. :mod:`~autograd.pictures.page.html`: puts it all into one file.
"""
