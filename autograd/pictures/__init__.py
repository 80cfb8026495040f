"""Pictures of a graph.  In reading order:

1. :mod:`~autograd.pictures.picture`: a picture as plain data.
2. :mod:`~autograd.pictures.from_graph`: makes one from a graph; :mod:`~autograd.pictures.notation` writes its numbers.
3. :mod:`~autograd.pictures.skins`: how a picture looks.
4. :mod:`~autograd.pictures.dot`: writes it for Graphviz, which :mod:`~autograd.pictures.engines` runs.
5. :mod:`~autograd.pictures.svg`: writes it without Graphviz, by :mod:`~autograd.pictures.layout` and
   :mod:`~autograd.pictures.layers`, or :mod:`~autograd.pictures.columns` for a network.
6. :mod:`~autograd.pictures.draw`: the functions ``draw`` and ``render``.
7. :mod:`~autograd.pictures.tree`: the graph as text.
8. :mod:`~autograd.pictures.diagram`: pictures of what is not a graph of nodes.
9. :mod:`~autograd.pictures.page`: one HTML file to explore a graph.
"""
