"""What a secret looks like, and text and data without it. Loaded only for text that hints at one.

The rules are a table of our own. detect-secrets finds, but does not take out: for some tokens it gives a prefix alone,
it loads an HTTP client, which takes longer than a whole check, and it knows no options of a command line. The tests
generate tokens from its rules, so that what it learns is asked of this table as well.
"""

from __future__ import annotations

import json
import re

from guardrails.safety.secret_hints import TOKENS, hidden, names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

HIDDEN = "***"
_NAME = (  # the part of a name that says what its value is
    r"(?:token|secret|passw(?:or)?d|passphrase|passwd|credential|cookie|(?:api|access|account|private|encryption|"
    r"shared|session|service|client|master|webhook|signing)[_.-]?key|(?:[_-]|\b)(?:pass|pwd)|_auth|session[_-]?id)"
)
_READABLE = (  # what stands in the place of a value without being one
    r"(?!\*\*\*|\$\{\w+\}|\$[A-Z_]+\b|\$\(|<|(?:null|none|true|false|missing|unset|empty|required)\b"
    r"|(?:PATH|FILE|KEY|NAME|TOKEN|SECRET|PASSWORD|ID)(?![\w-]))"
)
_QUOTED = r"""(?:(?<=")[^"\n]{2,}(?=")|(?<=')[^'\n]{2,}(?=')|(?<=“)[^”\n]{2,}(?=”))"""
_VALUE = rf"""{_READABLE}(?:{_QUOTED}|[^\s"'“<>]{{4,}})"""
_PARAMETER = r"key|tok|secret|pass|pwd|pw|sig|auth|code|session|sid|jwt|credential|cookie|hash"
_ENDING = r"""[^\s"'<>]"""

# Tokens of services, by how they begin.
_TOKENS = (
    r"gh[pousr]_\w{8,}|github_pat_\w{8,}|gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|oas|ffct)-[\w.-]{8,}"
    r"|sk-[\w-]{8,}|[rsp]k_(?:live|test|prod)_\w{8,}|whsec_[\w+/=]{8,}|xox[a-z](?:\.xox[a-z])?-[\w-]{3,}|xapp-[\w-]{8,}"
    r"|(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Za-z0-9]{12,}|AIza[\w-]{30,}|GOCSPX-[\w-]{8,}|ya29\.[\w./+-]{8,}"
    r"|npm_\w{20,}|pypi-[\w-]{16,}|SG\.[\w-]{8,}\.[\w-]{8,}|(?:AC|SK)[a-z0-9]{32}|key-[0-9a-f]{32}"
    r"|[0-9a-z]{32}-us\d{1,2}|sq0(?:csp|atp|idp)-[\w\\-]{8,}|EAAA[\w-]{40,}|shp(?:at|ca|pa|ss)_\w{8,}|hf_\w{16,}"
    r"|do[opr]_v1_\w{8,}|hv[sbr]\.[\w-]{8,}|AGE-SECRET-KEY-1\w{8,}|lin_api_\w{8,}|ntn_\w{8,}|secret_\w{32,}"
    r"|figd_[\w-]{8,}|dckr_[po]at_[\w-]{8,}|PMAK-[\w-]{8,}|rubygems_\w{8,}|sntry[su]_[\w+/=]{8,}|tskey-[\w-]{8,}"
    r"|glsa_\w{8,}|glc_[\w+/=]{8,}|nvapi-[\w-]{8,}|gsk_\w{16,}|xai-\w{16,}|r8_\w{16,}|pplx-\w{16,}|ATATT3[\w=-]{8,}"
    r"|ATCTT3[\w=-]{8,}|ATBB\w{16,}|dapi[0-9a-f]{32}|HRKU-[\w-]{8,}|dp\.(?:pt|st|ct|scim|audit)\.[\w.]{8,}"
    r"|GR1348941[\w-]{8,}|pul-[0-9a-f]{20,}|pscale_\w{8,}|fm[12]_[\w+/=]{16,}|nfp_\w{16,}|AKC[a-zA-Z0-9]{10,}"
)
_BY_SHAPE = (
    r"eyJ[\w-]{8,}=*\.[\w-]{8,}=*\.?[\w.+/=-]*"  # a JSON web token
    r"|(?<!\d)\d{8,10}:[\w-]{30,}"  # Telegram's bots
    r"|\b[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,}"  # Discord's
    r"|(?<=hooks\.slack\.com/)(?:services|triggers|workflows)/[\w/-]+"
    r"|(?<=/api/webhooks/)\d+/[\w-]+"
)
_CLIENTS = (  # which option of a command line takes a password, by the words of the programs' names
    (
        ("mysql", "mariadb", "mongo", "sshpass", "cqlsh", "rabbitmqadmin", "7z", "login"),
        r"\b(?:(?:mysql|mariadb|mongo)[\w-]*|sshpass|cqlsh|rabbitmqadmin|7z[ar]?"
        r"|(?:docker|podman|buildah|skopeo|helm|oc|az|npm)\s(?:registry\s)?login)\b[^|;&\n]{0,200}?[\s\"'](?:-p|--pass)",
    ),
    (
        ("-cli", "http"),
        r"\b(?:redis|valkey|keydb)-cli\b[^|;&\n]{0,200}?[\s\"']-a|\bhttps?\b[^|;&:\n]{0,200}?\s-a",
    ),
    (("ldap",), r"\bldap\w+\b[^|;&\n]{0,200}?[\s\"']-w"),
    (("sqlcmd", "bcp", "zip"), r"\b(?:sqlcmd|bcp|zip|unzip)\b[^|;&\n]{0,200}?[\s\"']-P"),
)
_NAMES = ("token", "secret", "pass", "credential", "cookie", "key", "pwd", "auth", "session")  # one is in each `_NAME`
# Each rule: words, one of which is in every text that it changes; the pattern; and what is left of a match. It takes up
# to 2 ms to compile a pattern, so its words are looked for first, in lower case where capitals do not count.
_RULES = (
    (
        ("-----BEGIN",),
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|\Z)",
        "",
    ),
    # Up to the last @ before the path, as git and curl do, and beyond a slash in what is no port.
    (
        ("@",),
        r"(?<=://)(?!git@)(?:[^/\s\"]{1,500}(?=@)|[^\s/:@\"']{0,100}:(?!\d+(?:[/?#]|$))[^\s\"']{1,400}(?=@))",
        "",
    ),
    (
        ("@",),
        rf"(?<![\w.+%~-])(?<!//)(?!mailto:)[\w.+%~-]{{1,100}}:(?!//){_ENDING}{{1,300}}(?=@(?!sha\d+:)"
        r"(?:[\w.-]+:(?=[^\s:])|(?:tcp|unix)\())",
        "",
    ),
    (("=",), rf"(?i)([?&;#][\w.\[\]-]{{0,40}}(?:{_PARAMETER})[\w.\[\]-]{{0,40}}=)(?!\*\*\*)[^\s&;#\"'<>]+", r"\1"),
    (TOKENS, rf"(?<![\w\[(./-])(?:{_TOKENS})|(?<![A-Za-z0-9])(?:{_TOKENS})", ""),
    ((":", ".", "/"), _BY_SHAPE, ""),
    (  # headers
        ("authorization", "bearer"),
        rf"""(?i)(\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?![a-z][\w-]*\s+\*\*\*)(?:[a-z][\w-]*\s+)?)(?!\*\*\*){_ENDING}+"""
        rf"""|(\bbearer\s+)(?!tokens?\b|auth){_READABLE}[^\s"'“,;)}}\]&<>]{{4,}}""",
        r"\1\2",
    ),
    (("asic",), r"(\b[Bb]asic\s+)(?=[\w+/]*(?:[a-z][A-Z]|\d|=))[\w+/-]{6,}={0,2}", r"\1"),
    (
        ("cookie",),
        r"""(?i)(\bcookie["']?\s*[:=]\s*["']?|--cookie[=\s]+["']?)(?!\*\*\*)(?:[\w.-]+=[^\s;"'<>]*(?:;\s*)?)+""",
        r"\1",
    ),
    (  # a name and a password in one word
        ("-u", "-U", "--proxy-user", "-a"),
        r"""(?<![\w-])((?:-u|-U|--user|--proxy-user|-a)[=\s"',]*)(?!\d+:\d+\b)(?:(?<=")[^":]*:(?!//)[^"]+"""
        r"""|(?<=')[^':]*:(?!//)[^']+|[^\s:"'/]*[:%](?!//)[^\s"'<>]+)""",
        r"\1",
    ),
    *((words, rf"""((?:{client})[\s"',=]*)(?:{_QUOTED}|{_READABLE}[^\s"'<>]+)""", r"\1") for words, client in _CLIENTS),
    (_NAMES, rf"""(?i)(--[a-z-]{{0,40}}(?:{_NAME}|key|auth|pass|pwd)s?[\s"',]+)(?![/.~{{-]|\w+/){_VALUE}""", r"\1"),
    (_NAMES, rf"""(?i)({_NAME}[\w.-]{{0,40}}\\?["']?\]?\s*=>?\s*\\?["'“]?)(?!=\s){_VALUE}""", r"\1"),
    (_NAMES, rf"""(?i)({_NAME}[\w.-]{{0,40}}\\?["']\s*:\s*\\?["'“]?){_VALUE}""", r"\1"),
    (_NAMES, rf"""(?i)({_NAME}(?-i:[_A-Z]\w{{0,40}})?(?::\s*|\s+(?=["']))["'“]?){_VALUE}""", r"\1"),
)
_VALUED = ("name", "key", "variable")  # what says in a table whose value stands beside it


def without_secrets(text: str) -> str:
    """The text without credentials, keys and tokens, and without the values that `hide` was told."""
    for value in hidden():
        text = text.replace(value, HIDDEN)
    lowered = text.lower()
    for words, pattern, before in _RULES:
        searched = lowered if pattern.startswith("(?i)") else text
        if not text.isascii() or any(word in searched for word in words):  # beyond ASCII, re.IGNORECASE knows more
            text = re.sub(pattern, before + HIDDEN, text)
    return text


def clean(value: Any, *, marked: bool = False) -> Any:
    """Plain data without secrets, in keys and in values; `marked` says that its name is a secret's."""
    if isinstance(value, str):
        return HIDDEN if marked and value else without_secrets(value)
    if isinstance(value, dict):
        return {clean(key): clean(one, marked=_is_marked(value, key, one)) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(one, marked=marked) for one in value]
    return value


def marked_values(value: Any, *, marked: bool = False) -> Iterator[str]:
    """Every text in plain data whose name says that it is a secret."""
    if isinstance(value, str) and marked:
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from marked_values(one, marked=_is_marked(value, key, one))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from marked_values(one, marked=marked)


def clean_json(text: str) -> str | None:
    """A JSON document without secrets, still one document; None when the text is not JSON."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = clean(document)
    return text if found == document else json.dumps(found, indent=2) + "\n"


def _is_marked(table: dict[Any, Any], key: Any, value: Any) -> bool:
    if isinstance(value, dict):  # a name of a table, such as that of a policy
        return False
    if key in ("value", "values"):
        names = (table.get(name) for name in _VALUED)
        return any(isinstance(name, str) and names_a_secret(name) for name in names)
    return key not in _VALUED and isinstance(key, str) and names_a_secret(key)
