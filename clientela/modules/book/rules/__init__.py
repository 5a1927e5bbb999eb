"""The book's rules."""
