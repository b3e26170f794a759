"""The columnar engine: the same verdicts over columns of codes."""
