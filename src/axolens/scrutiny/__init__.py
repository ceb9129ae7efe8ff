"""Scrutiny: whether a map can be believed, held against what ignorance gets."""
