"""Arrays in, arrays out: formulas beside their papers, on the arrays of the model's own framework."""
