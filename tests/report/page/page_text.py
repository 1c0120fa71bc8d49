"""A page as a browser's parser sees it."""

from html.parser import HTMLParser

FETCHING = {"src", "href", "srcset", "data", "action", "poster", "xlink:href"}


class PageText(HTMLParser):
    """The elements, addresses and visible text of a page, and its scripts' own text apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._in = tag
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._in:
            self._in = None

    def handle_data(self, data: str) -> None:
        if self._in is None:
            self.text += data
        else:
            self.scripts[-1] += data

    @property
    def addresses(self) -> set[tuple[str, str]]:
        """What the page names by address: the element, and where it points."""
        return {
            (tag, value or "")
            for tag, attributes in self.elements
            for name, value in attributes.items()
            if name in FETCHING
        }

    def count(self, tag: str, **attributes: str) -> int:
        """Return how many elements of a kind have these attributes."""
        return sum(
            each == tag and attributes.items() <= found.items() for each, found in self.elements
        )
