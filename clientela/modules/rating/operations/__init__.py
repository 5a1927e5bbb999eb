"""Writes of rating: what is shipped, the life of a table."""
