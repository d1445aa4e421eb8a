"""What `[watch]` may say: durations that can be meant, and addresses and a file that can be used.

No message holds an address: whoever knows one may write there, or stop what watches.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from guardrails.config.settings import Watch, require_outside
from guardrails.errors import ConfigurationError
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from guardrails.config.tables import WatchTable
    from guardrails.model import Environment

    Refuse = Callable[[tuple[str, ...], str], ConfigurationError]

_LEAST = 1.0  # seconds from one check to the next


def understand_watch(
    table: WatchTable,
    environments: Mapping[str, Environment],
    path_of: Callable[[tuple[str, ...], str], str],
    refuse: Refuse,
) -> Watch:
    """The settings of a table. `path_of` makes a path absolute, `refuse` an error of a key and what is wrong with it.

    Raises what `refuse` gives.
    """
    for key, given in (("every", table.every), ("remind", table.remind)):
        if given is not None:
            _require_duration(key, given, refuse)
    for key, address in (("webhook", table.webhook), ("ping", table.ping)):
        if address is not None and not _is_web(address):
            raise refuse(("watch", key), f"watch.{key} must be an address such as https://example.org/words")
    for number, address in enumerate(table.notify, start=1):
        if not (address.isprintable() and "://" in address):
            raise refuse(
                ("watch", "notify"), f"watch.notify[{number}] must be an address as Apprise knows it, with its ://"
            )
    textfile = None if table.textfile is None else _textfile(table.textfile, environments, path_of, refuse)
    return Watch(table.every, table.webhook, tuple(table.notify), table.ping, textfile, table.remind)


def _require_duration(key: str, given: str, refuse: Refuse) -> None:
    try:
        if seconds(given) < _LEAST:
            raise ValueError(f"{given!r} is less than a second")
    except ValueError as error:
        raise refuse(("watch", key), f"watch.{key}: {error}") from None


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and address.isprintable() and " " not in address


def _textfile(
    given: str,
    environments: Mapping[str, Environment],
    path_of: Callable[[tuple[str, ...], str], str],
    refuse: Refuse,
) -> str:
    at = ("watch", "textfile")
    path = path_of(at, given)
    if not path.endswith(".prom"):
        raise refuse(at, "watch.textfile must end in .prom, or the collector does not read it")
    try:
        require_outside("watch.textfile", path, environments)
    except ConfigurationError as error:
        raise refuse(at, str(error)) from None
    return path
