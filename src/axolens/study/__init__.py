"""A folder: cases, pairs and confusions."""
