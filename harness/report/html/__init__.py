"""The report as one HTML file: it asks nothing of any network, and reads well on paper, on a phone and read aloud."""
