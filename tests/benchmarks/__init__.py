"""Measurements: `make bench`, and those that people run by hand. No test asserts a figure."""
