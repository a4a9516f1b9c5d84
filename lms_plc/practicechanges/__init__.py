"""What somebody now does differently, tried and tried again."""
