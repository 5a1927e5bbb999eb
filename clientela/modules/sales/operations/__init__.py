"""Writes of the sales module, one verb each."""
