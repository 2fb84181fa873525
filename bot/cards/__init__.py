"""From what is remembered to what is shown: chat-neutral cards."""
