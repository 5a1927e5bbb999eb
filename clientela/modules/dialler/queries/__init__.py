"""Lists, entries and figures as people and programs see them."""
