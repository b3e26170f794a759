"""The verbs of the command, one a file; each is imported when it is used."""
