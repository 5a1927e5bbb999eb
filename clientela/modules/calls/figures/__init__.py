"""What is counted of calls: rules in `rules`, `erlang` and `forecast`, reading in `counting`."""
