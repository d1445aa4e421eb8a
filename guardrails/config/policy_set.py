"""What tells one set of rules from another, on every machine.

The digest of a report covers the whole configuration, with the paths of its machine. A verdict that is carried to
another machine needs one that is the same wherever the same rules apply. It covers the rules of one environment,
without the paths of its repository, state directory, log and files of keys, but with the content of these files of
keys. It does not cover how long a verdict counts, and on which host: the machine that verifies decides that.
"""

from __future__ import annotations

import json
from hashlib import sha256

from guardrails.record import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.settings import Settings
    from guardrails.facts.approval.signatures import AllowedSigners

_ELSEWHERE = ("repo", "state_dir")  # of an environment: where it lies on this machine


def portable_digest(settings: Settings, environment: str, signers: AllowedSigners) -> str:
    """The SHA-256, in hexadecimal, of the rules of an environment and of what the files of keys hold."""
    one = settings.environments[environment]
    where = plain(one.replaced(variables=dict(one.variables)))
    rules = {
        "environment": {name: value for name, value in where.items() if name not in _ELSEWHERE},
        "operations": {
            name: plain(operation)
            for name, operation in settings.operations.items()
            if operation.environment in (None, environment)
        },
        "policies": [
            {
                **plain(policy),  # of all policies, since a fact may read the options of another
                "when": list(policy.when.get(environment, ())),
                "enforcement": policy.enforcement.get(environment),
            }
            for policy in settings.policies
        ],
        "guards": list(settings.guards.get(environment, ())),
        "waivers": sorted(
            json.dumps(plain(waiver.replaced(place="", created=None)), sort_keys=True)
            for waiver in settings.waivers
            if waiver.environment == environment
        ),
        "signers": _digest(signers.data) if signers.path is not None else None,
        "revoked": _digest(signers.revoked) if signers.revoked_path is not None else None,
    }
    return _digest(json.dumps(rules, sort_keys=True).encode())


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
