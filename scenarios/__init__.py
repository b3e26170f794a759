"""What attackers and their harmless look-alikes do, as data, and how it is woven into a stream."""
