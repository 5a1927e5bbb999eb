"""What is read from the book."""
