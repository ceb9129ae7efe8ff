"""Classifiers: one adapter a framework, preprocessing and labels as data, and the registry of specs."""
