"""Records to pages, pictures and notebooks; a report never computes and never asks a model."""
