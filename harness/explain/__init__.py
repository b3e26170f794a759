"""Explanations: what the rule knew when an event arrived, and what became of it."""
