"""The library: resources, practice cards and stories, adapted from each other with their origin kept."""
