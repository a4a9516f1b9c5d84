"""Finding what was written, in whatever script and language, among what one may see."""
