"""What an operator can choose: the settings, their words, and what must not start."""
