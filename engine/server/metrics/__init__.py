"""Metrics for Prometheus: a snapshot of the counters, what its numbers are called, and who answers the scrape."""
