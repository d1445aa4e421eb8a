"""What every test relies on: signals that reach the processes it starts, and samples of what takes long."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

for _name in ("SIGINT", "SIGTERM", "SIGHUP"):
    if signal.getsignal(_number := getattr(signal, _name)) is signal.SIG_IGN:  # as a shell leaves them for `command &`
        signal.signal(_number, signal.SIG_DFL)

# How long one case takes says how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_xdist_auto_num_workers() -> int:
    """How many tests run side by side: more than there are processors, since many wait for children and clocks."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the cases of a test as a `corpus` that are not of its `sample`: the first, and every n-th after it."""
    seen: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if (mark := item.get_closest_marker("sample")) and seen[test] % mark.args[0]:
            item.add_marker(pytest.mark.corpus)
        seen[test] += 1
