"""The contract every chat keeps: what comes in, what goes out, and what may go wrong.

Values are chat-neutral. A chat turns its own payload into `Inbound` (pure), draws a `Card` in its
own markup (pure), and does the calls. It knows no database and no post.
"""
