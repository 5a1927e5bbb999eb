"""What a person may ask of us about their data: all of it in a file, and to be forgotten; and how long we keep it."""
