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


_OF_PROCESSES = tuple(  # folders whose tests start many processes, so that two cases of a test take twice as long
    f"tests/{name}/"
    for name in (
        "end_to_end",
        "faults",
        "guardrails/cli",
        "guardrails/hooks",
        "guardrails/hosts",
        "guardrails/operations",
    )
)
_GATEWAYS = ("servers.fake_gateway", "servers.started_gateways")  # what starts processes that checks of others look at
_FEW = 4  # cases of such a test that all stay


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that start gateways, and as `corpus` the cases of a test that are not of its `sample`, its every n-th.

    A test that starts processes and has more than a few cases has a sample of about as many, unless it says another.
    """
    tests = [item.nodeid.partition("[")[0] for item in items]
    cases, seen = Counter(tests), Counter[str]()
    for item, test in zip(items, tests, strict=True):
        if _starts_gateways(item):
            item.add_marker(pytest.mark.gateways)
        mark = item.get_closest_marker("sample")
        is_long = test.startswith(_OF_PROCESSES) and cases[test] > _FEW
        step = mark.args[0] if mark else max(2, cases[test] // _FEW) if is_long else 1
        if seen[test] % step:
            item.add_marker(pytest.mark.corpus)
        seen[test] += 1


def _starts_gateways(item: pytest.Item) -> bool:
    module = getattr(item, "module", None)
    return any(getattr(one, "__module__", "") in _GATEWAYS for one in vars(module).values()) if module else False
