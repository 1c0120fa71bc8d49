"""The REST API, version 1: every page's data, syncs, runs."""

from web.api import decisions, lake, runs, views

API_ROUTERS = (views.router, lake.router, runs.router, decisions.router)
