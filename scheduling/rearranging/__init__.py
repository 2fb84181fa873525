"""Changes to many planned posts at once: the sentence, the list, and carrying it out."""
