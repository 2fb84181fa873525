"""Stand-ins for the outside world; imports nothing of the product."""
