"""The version of Soundlake, defined only here."""

VERSION = "0.9.0"
