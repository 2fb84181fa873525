"""What happens on a message, an edit, a press: on the database, in one transaction each."""
