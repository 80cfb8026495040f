"""Arrays: ``Tensor``, the table of array operations, and the functions composed of them."""
