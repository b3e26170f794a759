"""Elastic's `new_terms` rules as rules of ours."""
