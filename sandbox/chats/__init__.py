"""What the stand-ins for Telegram and Slack have in common; each keeps its own rules apart."""
