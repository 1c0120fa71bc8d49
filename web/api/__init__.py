"""The REST API, version 1: every page's data, syncs, runs."""

from web.api import decisions, runs, views

API_ROUTERS = (views.router, runs.router, decisions.router)
