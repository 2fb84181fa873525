"""Where people talk (chats) and where media rests."""
