"""What a reviewer says of a scenario file that can be played: one module for each thing they look at."""
