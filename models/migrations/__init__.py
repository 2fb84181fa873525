"""Steps of the schema, in order. Made by `make migration`; each runs once."""
