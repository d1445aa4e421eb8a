"""The policies of a run, shared out between workers that judge side by side.

On two idle processors, two workers give a verdict 2 % sooner at 1,200 files and 6 % at 12,000, for 8 and 5 % more
processor time, since each loads modules of its own.
"""

from __future__ import annotations

import os

from guardrails.safety.supervisor import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from guardrails.config.settings import PolicySetting
    from guardrails.safety.supervisor import Say


PROCESSORS = 2  # from which a second worker is started


class Share:
    """Policies for one worker: those that are `left` without a result, and what the worker says.

    `first` is what it says when everything is gathered, None when it could not gather.
    """

    messages: Iterator[dict[str, Any]]
    first: dict[str, Any] | None = None

    def __init__(self, chosen: Sequence[PolicySetting], *, is_main: bool) -> None:
        self.left = list(chosen)
        self.is_main = is_main
        self._worker: Worker | None = None

    def start(self, work: Callable[[Say], None], patience: Callable[[int], float], until: float) -> None:
        """Start a worker for what is left; an earlier one, and what it gathered, is gone."""
        self.end()
        self._worker = Worker(work)
        self.messages = self._worker.messages(patience, until)

    @property
    def ending(self) -> str:
        """Why the worker did not finish; empty when it did."""
        return self._worker.ending if self._worker else ""

    def end(self) -> None:
        """Kill whatever is left of the worker, if there is one."""
        worker, self._worker = self._worker, None
        if worker:
            worker.end()


def share_out(chosen: Sequence[PolicySetting], jobs: int) -> list[Share]:
    """The policies in one share for each worker: two of them where they can work side by side. The first is the main.

    Policies of one package ask for the same facts and load the same modules, so they stay together.
    """
    sizes: dict[str, int] = {}
    for setting in sorted(chosen, key=_package):
        sizes[_package(setting)] = sizes.get(_package(setting), 0) + 1
    packages: set[str] = set()
    size = 0
    for package, more in sizes.items():
        if packages and 2 * size + more > len(chosen):
            break
        packages.add(package)
        size += more
    if jobs < 2 or size == len(chosen) or (os.cpu_count() or 1) < PROCESSORS:
        return [Share(chosen, is_main=True)]
    first = [setting for setting in chosen if _package(setting) in packages]
    return [Share(first, is_main=True), Share([one for one in chosen if one not in first], is_main=False)]


def _package(setting: PolicySetting) -> str:
    return setting.location.partition(":")[0].rpartition(".")[0]
