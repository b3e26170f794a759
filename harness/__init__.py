"""Everything that may see both the company and the detector: the command, the drill, the scorecard."""
