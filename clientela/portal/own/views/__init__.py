"""The own pages."""
