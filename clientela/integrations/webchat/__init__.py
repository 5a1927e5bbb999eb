"""A chat on any web site: `socket` speaks with the visitor's page, `talk` with the database, `transport` is the port."""
