"""Where posts go out: one folder per platform behind one contract."""
