"""Methods that hide regions and watch the score."""
