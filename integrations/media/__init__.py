"""What media really is, found by decoding, and made fit."""
