"""One photo's case, put together: where the floors below meet."""
