"""A simulated person and what Spotify would know and send of them; stands on nothing else here."""

from demo.account import DemoFiles, make_demo

__all__ = ["DemoFiles", "make_demo"]
