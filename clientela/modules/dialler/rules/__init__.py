"""What decides without a database: when a client is called again, who comes first."""
