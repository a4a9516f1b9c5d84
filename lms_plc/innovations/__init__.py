"""Something new: discussed, tested, translated to our classrooms, and judged."""
