"""What is thought and seen, and how one thing led to another."""
