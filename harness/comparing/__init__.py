"""Comparing: two rules on the same streams, with the intervals of what lies between them."""
