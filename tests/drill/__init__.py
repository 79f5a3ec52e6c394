"""Tests of fire drills; the whole of one with real processes is in tests/stories/test_drill.py."""
