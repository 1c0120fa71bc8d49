"""Lakes that earlier releases made, for the present one to open, bring up to date and compare."""
