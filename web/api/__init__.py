"""The REST API, version 1: every page's data, syncs, runs."""

from web.api import corrections, decisions, lake, lists, playlists, runs, things, views

API_ROUTERS = (
    views.router,
    things.router,
    lists.router,
    playlists.router,
    lake.router,
    runs.router,
    decisions.router,
    corrections.router,
)
