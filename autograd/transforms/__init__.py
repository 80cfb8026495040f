"""Functions that turn a function into its derivative: grad, jacobian, hessian, jvp, vjp, hvp; and checkpoints."""
