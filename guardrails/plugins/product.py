"""What a plugin gives for `guardrails doctor`: a look at which version of a product a checkout holds."""

from __future__ import annotations

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Installed(Record):
    """The version of a product, and a remark where somebody should know more about it, such as that it is untried."""

    version: str
    remark: str = ""


class Product(Record):
    """A product, by its name. `look` takes the folder of a checkout, changes nothing, and gives None for any other.

    It raises CannotKnow when the version cannot be read.
    """

    name: str
    look: Callable[[str], Installed | None]
