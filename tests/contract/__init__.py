"""What every adapter of a port must do, on real servers."""
