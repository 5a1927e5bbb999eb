"""Reads of the sales module."""
