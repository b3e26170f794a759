"""Scoring: what was raised and what was staged become figures, each with its counts."""
