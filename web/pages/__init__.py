"""The pages, by what they are about. Each router is a module; an address holds all its state."""

from web.pages import (
    corrections,
    decisions,
    entrance,
    explorer,
    lake,
    lists,
    playlists,
    report,
    runs,
    selections,
    settings,
    things,
)

PAGE_ROUTERS = (
    entrance.router,
    report.router,
    things.router,
    lists.router,
    playlists.router,
    selections.router,
    lake.router,
    runs.router,
    settings.router,
    decisions.router,
    corrections.router,
    explorer.router,
)
