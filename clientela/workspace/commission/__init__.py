"""Statements of commission on the screen: an agent's own, those of a branch, and the rates."""
