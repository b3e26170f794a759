"""Bulk reading: sources as columns of codes, whatever is not ordinary as lines."""
