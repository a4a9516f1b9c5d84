"""What every room stands on: database, ids, clock, policy, the event log, text. Knows no feature."""
