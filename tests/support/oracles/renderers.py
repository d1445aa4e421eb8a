"""What makes anchors of headings in the world: Mintlify's own package, the one for GitHub, and pages to ask them about.

Run as a program, it asks both and records their answers, which every run of the tests compares ours with:

    python tests/support/oracles/renderers.py
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

from needs import need, need_package
from progress import run_to_its_end

HERE = Path(__file__).parent
RECORDED = HERE / "renderers.json"

_WORDS = re.findall(
    r"\S+",
    """Install Setup gateway Step Rollback the API's it's don't t s (beta) & + / a/b.c snake_case -- --flag ... ?!
    100% %41 #1 1 2 2-1 v1.2 C++ C# α Ωmega Übersicht größe café naïve Откат 日本語 한국어 🚀 ✅ 1️⃣ 👩‍💻 ❤️ ©
    → “quoted” 'single' "double" [x] :rocket: Issue: a:b $HOME _under_ e\u0301 ﬁ""",
)
_TITLES = re.findall(r"\S+", "Install Linux macOS Über:uns Straße Café A&B A-B a:b Use `x` **bold** v2 1 (beta) what's")
_FIELDS = ["userId", "user_id", "HTTPServer", "X-Header", "id", "APIs", "ids", "a.b", "Id2", "URL"]


def pages(count: int, seed: int) -> list[str]:
    """Pages of MDX with headings and components, the same for the same seed."""
    chance = random.Random(seed)
    return [_page(chance) for _ in range(count)]


def headings(count: int, seed: int) -> list[list[str]]:
    """Lists of headings' texts, the same for the same seed."""
    chance = random.Random(seed)
    return [[_text(chance) for _ in range(chance.randint(1, 6))] for _ in range(count)]


def mintlify(texts: list[str]) -> list[list[str] | None]:
    """The ids that Mintlify gives each page; None for one that it cannot read."""
    answers: list[list[str] | None] = _ask("ask_mintlify.mjs", need_package("@mintlify/common").parent.parent, texts)
    return answers


def github(texts: list[list[str]]) -> list[list[str]]:
    """The anchors that GitHub gives the headings of each list, which are those of one page."""
    answers: list[list[str]] = _ask("ask_github_slugger.mjs", need_package("github-slugger").parent, texts)
    return answers


def openapi_pages(specifications: list[dict[str, Any]]) -> list[list[str]]:
    """The addresses of the pages that Mintlify makes of each specification."""
    modules = need_package("@mintlify/common").parent.parent
    answers: list[list[str]] = _ask("ask_openapi_pages.mjs", modules, specifications)
    return answers


def _ask(program: str, modules: Path, questions: Any) -> Any:
    need("node")
    done = run_to_its_end(
        ["node", str(HERE / program), str(modules)], given=json.dumps(questions), text=True,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _text(chance: random.Random) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, 4)))


def _page(chance: random.Random) -> str:
    front = chance.choice(["---\ntitle: x\nmode: custom\n---\n\n", "---\ntitle: x\n---\n\n", "", "", "", ""])
    return front + "\n\n".join(_block(chance, 0) for _ in range(chance.randint(1, 7))) + "\n"


def _block(chance: random.Random, depth: int) -> str:
    inner = "\n\n".join(_block(chance, depth + 1) for _ in range(chance.randint(1, 2))) if depth < 2 else "text"
    return chance.choice((_heading, _heading, _heading, _tag, _component, _component, _field, _inline, _other))(
        chance, inner
    )


def _marked(chance: random.Random) -> str:
    """A heading's text in Markdown, in which nothing is an expression or a tag."""
    words = [chance.choice(_WORDS) for _ in range(chance.randint(1, 3))]
    wrap = chance.choice(["{}", "{}", "`{}`", "*{}*", "[{}](/x)", "~~{}~~", "{} ![i](/y)"])
    at = chance.randrange(len(words))
    words[at] = wrap.format(words[at].replace("`", ""))
    return " ".join(words)


def _heading(chance: random.Random, _inner: str) -> str:
    own = chance.choice(["", "", "", "", " {#own}", " {#Own-Id}", " {#what's}"])
    return f"{'#' * chance.randint(1, 6)} {_marked(chance)}{own}"


def _tag(chance: random.Random, _inner: str) -> str:
    name = f"h{chance.randint(1, 6)}"
    own = chance.choice(["", "", ' id="own"', ' id="it\'s"', ' className="x"'])
    text = _marked(chance)
    return chance.choice(
        [f"<{name}{own}>\n{text}\n</{name}>", f"<{name}{own}>\n  {text}\n</{name}>", f"<{name}{own}>{text}</{name}>"]
    )


def _component(chance: random.Random, inner: str) -> str:
    name = chance.choice(
        [
            "Tab",
            "Accordion",
            "View",
            "Step",
            "Update",
            "Card",
            "Expandable",
            "AccordionGroup",
            "Note",
            "Prompt",
            "Heading2",
        ]
    )
    title = " ".join(chance.choice(_TITLES) for _ in range(chance.randint(1, 2)))
    own = chance.choice(["", "", "", ' id="own"', ' id="x: y"'])
    size = (
        chance.choice(["", ' titleSize="h2"', ' titleSize="h3"', ' titleSize="p"', ' titleSize="h3" noAnchor'])
        if name == "Step"
        else ""
    )
    element = f'<{name} {"label" if name == "Update" else "title"}="{title}"{own}{size}>\n{inner}\n</{name}>'
    if name == "Step" and chance.random() < 0.5:
        return f'<Steps titleSize="h2">\n{element}\n</Steps>'
    return element


def _field(chance: random.Random, _inner: str) -> str:
    name = chance.choice(["ParamField", "ResponseField", "Param"])
    key = "name" if name == "ResponseField" else chance.choice(["query", "path", "body", "header", "name"])
    own = chance.choice(["", "", "", ' id="own"'])
    return f'<{name} {key}="{chance.choice(_FIELDS)}"{own} type="string">\n  text\n</{name}>'


def _inline(chance: random.Random, _inner: str) -> str:
    return f'Some text <span id="{chance.choice(["own", "Here", "a b"])}">with</span> a tag'


def _other(chance: random.Random, _inner: str) -> str:
    """What looks like a heading and is none, or stands in another block."""
    text = _marked(chance)
    forms = [
        "> ## {}", "- ## {}\n- x", "```\n## {}\n```", "{{/* ## {} */}}", "{}\n---", "text <h2>{}</h2>", "\\## {}",
        "<div>\n## {}\n</div>", "<div>\n<h3>\n{}\n</h3>\n</div>", "## <span>{}</span> x", "## {}\n<br/>",
        "1. <h2>{}</h2>", "<h2>1. {}</h2>", "<h3># {}</h3>", '<Tabs>\n<Tab title="x">\n## {}\n</Tab>\n</Tabs>',
    ]  # fmt: skip
    return chance.choice(forms).format(text)


def recorded() -> dict[str, list[tuple[Any, list[str]]]]:
    """What both said when they were asked last: by name, each question with its answer."""
    told: dict[str, list[tuple[Any, list[str]]]] = json.loads(RECORDED.read_text())
    return told


def main() -> None:
    """Record what both say."""
    asked, listed = pages(200, 1), headings(100, 1)
    told = {
        "mintlify": [list(one) for one in zip(asked, mintlify(asked), strict=True) if one[1] is not None],
        "github": [list(one) for one in zip(listed, github(listed), strict=True)],
    }
    RECORDED.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
