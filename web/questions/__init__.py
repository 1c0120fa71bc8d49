"""What the pages of things, the lists and the search ask of a person's plays.

As in the report values are written into the statements by ``literal``: with the first parameter
DuckDB loads libraries of 100 MB that nothing here needs.
"""
