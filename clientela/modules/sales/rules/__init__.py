"""What is decided about deals, without a database."""
