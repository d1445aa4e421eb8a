"""Print what croner makes of expressions, for `croner_recorded.json` in this folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from oracles.real_croner import VERSIONS, ask_croner, expressions, questions

COUNT = 250


def record() -> str:
    """One line for each question, with its answer: None where croner refuses."""
    asked = questions(expressions(1, COUNT), seed=1)
    answers = ask_croner(asked)
    lines = [
        json.dumps([*question, None if isinstance(one, str) else one])
        for question, one in zip(asked, answers, strict=True)
    ]
    about = f"croner {' and '.join(VERSIONS)}, asked on {datetime.now(UTC):%Y-%m-%d}"
    return json.dumps(about) + "\n" + "\n".join(lines)


if __name__ == "__main__":
    print(record())
