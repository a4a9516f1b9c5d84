"""What communities tell their whole school."""
