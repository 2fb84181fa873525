"""Where media rests."""
