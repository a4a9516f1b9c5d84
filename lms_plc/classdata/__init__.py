"""Results of classes read together, as totals only."""
