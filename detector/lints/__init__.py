"""What there is to better in a rule, a family of findings a module."""
