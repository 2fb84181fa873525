"""When things happen, and that they happen exactly once."""
