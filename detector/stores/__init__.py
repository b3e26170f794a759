"""Baseline stores behind one batch protocol."""
