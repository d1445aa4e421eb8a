"""`python -m guardrails`, best as `python -P -m guardrails`: else the interpreter is started a second time."""

import sys

from guardrails.start import entry

entry(here=not sys.flags.safe_path)
