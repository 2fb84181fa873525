"""What the buttons of a post's card do, once `presses` has let a press through."""
