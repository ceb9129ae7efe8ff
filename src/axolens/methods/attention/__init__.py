"""Methods that follow the attention of a transformer."""
