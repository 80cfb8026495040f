"""A page of HTML that explores a graph: one file, which needs no server and no network."""
