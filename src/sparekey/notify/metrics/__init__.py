"""Metrics for Prometheus as an outlet.

Nothing outside this package imports prometheus_client, and here nothing does before the outlet runs.
"""
