"""Histories of grants and beliefs, and their judge: `python -m tests.history FILE`."""
