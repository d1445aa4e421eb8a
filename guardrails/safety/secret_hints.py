"""What hints at a secret, by plain words: cheap enough for every run, and followed by `redaction` when it is there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# What each secret has in it that `redaction` knows: looked for first, since a passing run compiles no pattern.
_MARKS = (
    "@", "-----BEGIN", "Bearer ", "bearer ", "Basic ", "basic ", "eyJ", "uthorization", "ookie", " -p", " -a", " -w",
    " -u", " -P", " -U", "'-", '"-', "--", "/bot", ":AA", "slack.com/", "/webhooks/",
)  # fmt: skip
TOKENS = (
    "AGE-S", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glptt-", "gldt-", "glrt-", "glcbt-",
    "glft-", "glsoat-", "glagent-", "glimt-", "gloas-", "glffct-", "GR13", "sk-", "k_live_", "k_test_", "k_prod_",
    "whsec_", "xox", "xapp-", "A3T", "AKIA", "ASIA", "ABIA", "ACCA", "AIza", "GOCSPX-", "ya29.", "npm_", "pypi-",
    "SG.", "AC", "SK", "key-", "-us", "sq0", "EAAA", "shp", "hf_", "_v1_", "hvs.", "hvb.", "hvr.", "lin_api_", "ntn_",
    "secret_", "figd_", "dckr_", "PMAK-", "rubygems_", "sntry", "tskey-", "glsa_", "glc_", "nvapi-", "gsk_", "xai-",
    "r8_", "pplx-", "ATATT", "ATCTT", "ATBB", "dapi", "HRKU-", "dp.", "pul-", "pscale_", "fm1_", "fm2_", "nfp_", "AKC",
)  # fmt: skip
_WORDS = ("token", "secret", "passw", "passphrase", "credential", "cookie", "private")
_ENDS = ("key", "pass", "pwd", "pin")
# What stands between a name and its value, beside an equals sign that touches one of them.
_NAMING = (":", " =", " '", ' "', "':", '":"', '": "', '": [', '":[', "' ", '" ')
_HIDEABLE = 6  # characters; shorter values stand in text that is no secret
_LONG = 40  # characters of a word; what is longer is a path, a digest, or nothing that a person wrote
_DIGESTS = (40, 64, 96, 128)  # hexadecimal digits
_hidden: set[str] = set()


def names_a_secret(name: str) -> bool:
    """Whether a key or variable of that name probably holds a secret, so that its value is not to be shown."""
    lowered = name.lower()
    return any(word in lowered for word in _WORDS) or any(
        part.endswith(_ENDS) for part in lowered.replace(".", "-").split("-")
    )


def hide(values: Iterable[str]) -> None:
    """Take these values out of every text from now on. Short ones are left: they stand in text that is no secret."""
    _hidden.update(value for value in values if len(value) >= _HIDEABLE)


def hidden() -> list[str]:
    """What `hide` was told, the longest first."""
    return sorted(_hidden, key=len, reverse=True)


def hints_at_a_secret(text: str) -> bool:
    """Whether the text hints at a secret; the output of a passing run does not."""
    if any(value in text for value in _hidden):
        return True
    text = " ".join(text.split())  # half of a report is its indentation
    if any(hint in text for hint in (*_MARKS, *TOKENS)):
        return True
    if "=" in text.replace(" = ", " "):
        return True
    lowered = text.lower()
    if any(word in lowered for word in _WORDS):
        return True
    if any(end + mark in lowered for end in _ENDS if end in lowered for mark in _NAMING):
        return True
    return any(len(word) > _LONG and _is_unknown(word) for word in text.replace('"', " ").split())


def _is_unknown(word: str) -> bool:
    """Whether a long word is neither a path nor a digest."""
    bare = word.rpartition(":")[2].strip(",;.()'")
    is_digest = len(bare) in _DIGESTS and set(bare.lower()) <= set("0123456789abcdef")
    return "/" not in word and not is_digest
