"""Listening made up with a truth that is known, for tests and benchmarks."""
