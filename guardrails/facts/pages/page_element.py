"""One heading or component of a page, as far as anchors depend on it."""

from __future__ import annotations


class PageElement:
    """A heading (`name` is empty for one in Markdown, such as `h2` for a tag) or a component, in the page's order.

    `title` is the text of a heading, and of a component the text of its title. `apart` says that it stands in one of
    the components whose headings Mintlify counts apart.
    """

    __slots__ = ("apart", "attributes", "level", "name", "title")

    def __init__(self, name: str, level: int, title: str, attributes: dict[str, str], *, apart: bool) -> None:
        self.name = name
        self.level = level
        self.title = title
        self.attributes = attributes
        self.apart = apart
