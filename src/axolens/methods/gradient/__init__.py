"""Methods that ask how the score reacts to each pixel."""
