"""What is written in the book."""
