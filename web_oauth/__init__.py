"""The public door: everything a browser or another service calls."""
