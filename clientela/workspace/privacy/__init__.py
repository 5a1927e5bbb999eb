"""Pages about the data of people: who read a card, all data in a file, to forget a person, how long things are kept."""
