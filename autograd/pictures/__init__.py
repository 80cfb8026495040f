"""Pictures of a graph: as plain data, as text, and drawn by Graphviz or by our own layout."""
