"""Channels without an account: for the demo and for tests of everything above the port."""
