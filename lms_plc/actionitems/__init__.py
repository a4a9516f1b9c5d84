"""What was agreed: who does it, until when, and what came of it."""
