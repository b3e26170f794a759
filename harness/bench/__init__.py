"""The store benchmark: baseline stores under the load that a New Value rule puts on them."""
