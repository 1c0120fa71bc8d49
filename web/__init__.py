"""The page as an application: every view for any span, pages of things, settings, a REST API.

One process, one origin. It reads the lake without an engine, in whole states (``lakes``); runs are
processes of their own (``runs``). ``application`` puts it together, ``server`` serves it.
"""
