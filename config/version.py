"""The version of Soundlake, told here alone."""

VERSION = "0.9.0"
