"""The panel: a stream coded once as columns, over which any number of rules is judged and scored."""
