"""Pages of calling lists."""
