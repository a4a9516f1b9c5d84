"""Who somebody is to their colleagues: schools, subjects, languages; and the directory of a community."""
