"""Gates: bounds that figures must keep, so that a pipeline fails where a rule does badly, or worse than before."""
