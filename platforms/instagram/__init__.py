"""Instagram, through the API with Instagram Login (professional accounts, no Facebook Page)."""
