"""The sweep: one rule under many settings over the same streams, and what follows for the rule."""
