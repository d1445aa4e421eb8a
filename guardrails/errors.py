"""What can go wrong, as few kinds as the exit codes need.

Every kind ends in exit code 2 (`docs/contract.md`, section Exit codes): no answer is never a pass.
"""


class GuardrailsError(Exception):
    """A failure that a person can act on; its text is one line with what to do."""

    kind = "internal"


class UsageError(GuardrailsError):
    """The command line asks for something that does not exist or does not fit together."""

    kind = "usage"


class ConfigurationError(GuardrailsError):
    """A configuration file is missing, unreadable or says something that cannot be meant."""

    kind = "configuration"


class PluginError(GuardrailsError):
    """An installed plugin cannot be loaded, or does not keep the plugin contract."""

    kind = "plugin"


class CannotKnow(GuardrailsError):
    """The world cannot be read or trusted, so the question has no answer: outcome `error`."""

    kind = "evidence"


class AuditError(GuardrailsError):
    """The audit log cannot be written or read: then nothing is allowed, even if the verdict was allow."""

    kind = "audit"


class DoesNotApply(Exception):
    """Raised by a policy that has nothing to judge here, with the reason: outcome `skip`."""


class NothingAsked(DoesNotApply):
    """Raised when something is not configured that a policy would look at: `skip`, while none of its options is set.

    A set option asks something, and what is asked and cannot be looked at has no answer: outcome `error`.
    """
