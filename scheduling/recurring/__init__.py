"""What a series is made of: when its runs are, what they say, how they move and come back."""
