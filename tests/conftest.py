"""Fixtures of the tests that cross modules; the cast is in ``tests/cast.py``, for every test."""
