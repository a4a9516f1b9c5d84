"""Who was there: by code, by list, by themselves; guests as a number."""
