"""Topics and posts: what members say to each other between meetings."""
