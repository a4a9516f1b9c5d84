"""Files people attach: looked at, made small, kept once, read by whoever may read what they hang on."""
