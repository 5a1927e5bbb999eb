"""What agents earn: rates of their agreements, entries on paid premiums, statements of a month."""
