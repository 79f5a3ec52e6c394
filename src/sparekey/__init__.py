"""Redundant floating licensing for software that must not stop."""
