"""How tables of the lake are read."""
