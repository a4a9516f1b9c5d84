"""What somebody should hear of: inbox, digests by mail, messages in the LMS."""
