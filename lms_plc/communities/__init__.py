"""Communities: the space, who is in it, by which right, and the courses it opens from."""
