"""Runs under a protocol: plates with lanes and spots, colours, strips, peaks, quantities.

A result is verified by another person; a retest is a new row that points to its parent.
"""
