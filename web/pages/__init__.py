"""The pages, by what they are about. Each router is a module; an address holds all its state."""

from web.pages import entrance, explorer, lake, report, runs, settings

PAGE_ROUTERS = (
    entrance.router,
    report.router,
    lake.router,
    runs.router,
    settings.router,
    explorer.router,
)
