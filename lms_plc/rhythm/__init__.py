"""How regularly a community meets, who takes which part, how evenly voices are spread."""
