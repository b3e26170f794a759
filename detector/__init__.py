"""The New Value rule: records in, matches and signals out."""
