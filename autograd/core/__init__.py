"""Numbers, the table of calculus, and the sweep.  Read in this order: ``rules``, ``value``, ``sweep``."""
