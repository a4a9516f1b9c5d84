"""What a community promised itself: charter, norms, rhythm, privacy, and the rounds in which it consents."""
