"""The conversation, and the wiring that builds everything."""
