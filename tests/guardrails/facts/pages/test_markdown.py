"""What counts as a link on a page, and what does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.facts.pages.markdown import Page, mentions

BOTH = pytest.mark.parametrize("mdx", [False, True], ids=["markdown", "mdx"])


def links(text: str, *, mdx: bool) -> tuple[tuple[str, int], ...]:
    return tuple((to, line) for to, line in Page(text, mdx=mdx).links)


def found(text: str, mdx: bool) -> list[str]:
    return [destination for destination, _ in links(text, mdx=mdx)]


LINKS = {
    "inline": "see [x](/D)",
    "with title": 'see [x](/D "title")',
    "reference": "see [x][d]\n\n[d]: /D",
    "collapsed reference": "see [d][]\n\n[D]: </D> 'title'",
    "shortcut reference": "see [d]\n\n[d]: /D",
    "bold": "**[x](/D)**",
    "around an image": "[![picture](p.png)](/D)",
    "heading": "## [x](/D)",
    "list": "- one\n  - [x](/D)",
    "quote": "> > [x](/D)",
    "table": "| a | b |\n|---|---|\n| 1 | [x](/D) |",
    "table cell that ends code": "| a | b |\n|---|---|\n| `1 | [x](/D)` |",
    "after front matter": "---\ntitle: x\n---\n[x](/D)",
    "after a rule": "text\n\n---\n\n[x](/D)\n\n---\n",
    "html": 'text <a class="b" href="/D">x</a>',
    "html on its own line": '<a href="/D">x</a>',
    "html over lines": 'see <a\n  class="b"\n  href="/D">x</a>',
    "html entity": '<a href="&#47;D">x</a>',
    "after a comment": "<!-- no -->\n\n[x](/D)",
    "after a comment on the line": "a <!-- no --> [x](/D)",
    "after what looks like a marked section": "<div>\n<![ x\n> <b>\n\n[x](/D)",
    "after code": "```\n[no](/no)\n```\n[x](/D)",
    "after tildes": "~~~md\n```\n[no](/no)\n~~~\n[x](/D)",
    "backslash before a backslash": r"\\[x](/D)",
    "byte order mark": "\ufeff---\na: b\n---\n[x](/D)",
    "windows lines": "---\r\na: b\r\n---\r\n[x](/D)\r\n",
}


@BOTH
@pytest.mark.parametrize("text", LINKS.values(), ids=LINKS)
def test_links(text: str, mdx: bool) -> None:
    assert found(text, mdx) == ["/D"]


@BOTH
def test_destinations_are_as_written(mdx: bool) -> None:
    text = "[a](</tools/exec#session-(%2Fexec)>) [b](/c(d)e) [c](<a b>) [d](/ü?x=1#y) [e](/a\\)b)"
    assert found(text, mdx) == ["/tools/exec#session-(%2Fexec)", "/c(d)e", "a b", "/ü?x=1#y", "/a)b"]


@BOTH
def test_addresses_are_links_with_or_without_brackets(mdx: bool) -> None:
    text = "<https://a.example/D> and (https://b.example/D), https://c.example/x_(y). [https://d.example](/D)"
    assert found(text, mdx) == ["https://a.example/D", "https://b.example/D", "https://c.example/x_(y)", "/D"]


NOT_LINKS = {
    "code span": "see `[x](/D)`",
    "long code span": "see `` ` [x](/D) ` ``",
    "fence": "```\n[x](/D)\n```",
    "tilde fence": "~~~\n[x](/D)\n~~~",
    "unclosed fence": "```\n[x](/D)",
    "fence in a list": "- a\n  ```\n  [x](/D)\n  ```",
    "fence in a quote": "> ```\n> [x](/D)\n> ```",
    "html in code": '`<a href="/D">`',
    "html in a fence": '```html\n<a href="/D">x</a>\n```',
    "comment": "<!-- [x](/D) -->",
    "comment with html": '<!-- <a href="/D">x</a> -->',
    "comment over blocks": "<!--\n\n[x](/D)\n\n-->",
    "comment in a line": "a <!-- [x](/D) --> b",
    "image": "![x](/D)",
    "link in an image": "![[x](/D)](p.png)",
    "escaped": r"\[x](/D)",
    "escaped after": r"[x\](/D)",
    "space between": "[x] (/D)",
    "definition alone": "[d]: /D",
    "definition in code": "[x][d]\n\n```\n[d]: /D\n```",
    "front matter": '---\nsee: "[x](/D)"\n---\ntext',
    "front matter after a byte order mark": '\ufeff---\nsee: "[x](/D)"\n---\ntext',
    "escaped address": r"see https\://docs.example/D",
    "windows front matter": '---\r\nsee: "[x](/D)"\r\n---\r\ntext',
    "other element": '<link href="/D"><img src="/D">',
    "no href": '<a name="/D" data-href="/D">x</a>',
    "script address": "[x](javascript:/D)",
}


@BOTH
@pytest.mark.parametrize("text", NOT_LINKS.values(), ids=NOT_LINKS)
def test_not_links(text: str, mdx: bool) -> None:
    assert found(text, mdx) == []


MARKDOWN_NOT_LINKS = {
    "indented code": "text\n\n    [x](/D)",
    "indented code with a tab": "text\n\n\t[x](/D)",
    "inside a block of html": "<div>\n[x](/D)\n</div>",
    "component": '<Card href="/D" />',
    "comment opened in a block of html": "<div><!--\n\n[x](/D)\n\n<b>--></b></div>",
    "script": "<script>\n'<a href=\"/D\">'\n\n[x](/D)\n</script>",
}


@pytest.mark.parametrize("text", MARKDOWN_NOT_LINKS.values(), ids=MARKDOWN_NOT_LINKS)
def test_not_links_in_markdown(text: str) -> None:
    assert found(text, mdx=False) == []


MDX_LINKS = {
    "card": '<Card title="x" href="/D">text</Card>',
    "self-closing": '<Card href="/D"/>',
    "single quotes": "<Card href='/D' />",
    "expression": '<Card href={"/D"} />',
    "expression with spaces": "<Card href = { '/D' } />",
    "template": "<Card href={`/D`} />",
    "over lines": '<Card\n  title="x > y"\n  icon={<Icon name="a" />}\n\n  href="/D"\n>\n  text\n</Card>',
    "over lines after text": 'text\n<Card\n  href="/D"\n>\n',
    "text after lines of tag": '<Card\n  title="x"\n>see [x](/D)\n</Card>',
    "in a paragraph": 'see <Tooltip\n  tip="x"\n  href="/D">this</Tooltip> now',
    "after objects": "<Card style={{ color: '}' }} {...rest} href=\"/D\" />",
    "entity": '<Card href="/&#68;" />',
    "member": '<Cards.One href="/D" />',
    "in a list": '- a\n  <Card href="/D" />\n',
    "in a table": '| a |\n|---|\n| <Card href="/D" /> |',
    "markdown inside": "<Steps>\n  <Step title='x'>\n    See [x](/D).\n  </Step>\n</Steps>",
    "markdown right inside": "<Note>\n[x](/D)\n</Note>",
    "markdown on the line": "<Note>See [x](/D)</Note>",
    "deep": "<A>\n<B>\n<C>\n            [x](/D)\n</C>\n</B>\n</A>",
    "deep list": "<Step>\n\n        - one\n        - [x](/D)\n\n</Step>",
    "after deep code": "<Step>\n      Text\n      ```\n      [no](/no)\n\n      no\n      ```\n      [x](/D)\n</Step>",
    "after a comment": "{/* no */}\n[x](/D)",
    "after a comment on the line": "a {/* no */} [x](/D)",
    "after an import": 'import { A } from "/snippets/a.mdx"\n\n[x](/D)',
    "words import and export": "import duties are [x](/D)\n\nexports too",
    "comparison": "a < b and [x](/D) > c",
    "lone brace": "a { b [x](/D)",
    "escaped brace": r"\{/* [x](/D) */}",
    "fragment": "<>\n[x](/D)\n</>",
    "unclosed tag": "<Card\n\n[x](/D)",
    "comment in a fence": "```\n{/*\n```\n[x](/D)\n```\n*/}\n```",
}


@pytest.mark.parametrize("text", MDX_LINKS.values(), ids=MDX_LINKS)
def test_links_in_mdx(text: str) -> None:
    assert found(text, mdx=True) == ["/D"]


MDX_NOT_LINKS = {
    "comment": "{/* [x](/D) */}",
    "comment over blocks": "{/*\n\n[x](/D)\n\n```\n*/}",
    "comment in a line": "a {/* [x](/D) */} b",
    "comment from the middle of a line": "a {/* b\n\n[x](/D)\n\n*/} c",
    "comment with spaces": "{ /* [x](/D) */ }",
    "comment with html": '{/* <a href="/D">x</a> */}',
    "comment with braces and quotes": "{/* } ' \" ` { [x](/D) */}",
    "unclosed comment": "{/*\n\n[x](/D)",
    "comment in a list": "- a {/* b\n- [x](/D)\n- c */}",
    "comment in a quote": "> {/*\n> [x](/D)\n> */}",
    "html comment from the middle of a line": "a <!-- b\n\n[x](/D)\n\n-->",
    "expression": '{"[x](/D)"}',
    "expression over lines": "{\n  f('[x](/D)')\n}",
    "attribute": '<Card title="[x](/D)" />',
    "markup in an attribute": "<Card icon={<a href='/D' />} />",
    "computed": "<Card href={base + '/D'} />",
    "interpolated": "<Card href={`${base}/D`} />",
    "other attribute": '<Card data-href="/D" hrefs="/D" />',
    "closing tag": '</Card href="/D">',
    "import": "import x from '/D'\nimport y from '[x](/D)'",
    "export": "export const x = '[x](/D)'",
    "deep fence after text": "<A>\n        Text\n        ~~~\n        [x](/D)\n\n        [x](/D)\n        ~~~\n</A>",
    "component in code": '`<Card href="/D" />`',
    "component in a fence": '<CodeGroup>\n```jsx\n<Card href="/D" />\n```\n</CodeGroup>',
    "escaped tag": r'\<Card href="/D" />',
}


@pytest.mark.parametrize("text", MDX_NOT_LINKS.values(), ids=MDX_NOT_LINKS)
def test_not_links_in_mdx(text: str) -> None:
    assert found(text, mdx=True) == []


def test_mdx_has_no_indented_code() -> None:
    assert found("text\n\n    [x](/D)", mdx=True) == ["/D"]


PAGE = """---
title: x
---

# [one](/5)

text
more [two](/8) and
<a
  href="/9">three</a>
- a
- [four](/12)

| a |
|---|
| [five](/16) |
"""


@BOTH
def test_lines_count_from_the_first_of_the_file(mdx: bool) -> None:
    assert links(PAGE, mdx=mdx) == (("/5", 5), ("/8", 8), ("/9", 9), ("/12", 12), ("/16", 16))


def test_lines_of_components() -> None:
    page = '<A>\n<Card\n  href="/2"\n/>\n\nx\n{/* a\nb */} [y](/8)\n</A>\n'
    assert links(page, mdx=True) == (("/2", 2), ("/8", 8))


MENTIONS = {
    "`docs/D.md`": ("code", 1),
    "```\na\n[x](/D)\n```": ("code", 3),
    "<!-- a\n[x](/D) -->": ("comment", 2),
    "---\na: b\nsee: D.md\n---": ("front matter", 3),
    "a\n\n[d]: /D": ("definition", 3),
    "a\nsee docs/D.md": ("text", 2),
    r"\[x](/D)": ("text", 1),
    "![x](/D)": ("text", 1),
}


@BOTH
@pytest.mark.parametrize(("text", "place"), MENTIONS.items())
def test_mentions(text: str, place: tuple[str, int], mdx: bool) -> None:
    assert mentions(text, ("D.md", "/D"), mdx=mdx) == (place,)


def test_mentions_in_mdx() -> None:
    text = '{/* [x](/D) */}\n\n{"D.md"}\n\n<Card title="D.md" />\n\nimport x\n  from "/D"'
    assert mentions(text, ("D.md", "/D"), mdx=True) == (("comment", 1), ("code", 3), ("text", 5), ("code", 8))


def test_a_comment_left_open_ends_on_its_line_however_lines_are_counted_elsewhere() -> None:
    assert links("\u2028\x0c\n\na {/* b\n\n[no](/no)\n\n*/}\n\n[x](/D)", mdx=True) == (("/D", 9),)


def test_lines_of_comments_over_several_blocks() -> None:
    assert mentions("<div><!--\n\n/D\n\n<b>\n/D --></b>", ("/D",), mdx=False) == (("comment", 3), ("comment", 6))


@BOTH
@pytest.mark.parametrize("text", ["/Dx", "xD.md", "D.mdx", "D-md", "/D-2", "[x](/D)", "/D.bak"])
def test_other_names_are_no_mentions(text: str, mdx: bool) -> None:
    assert mentions(text, ("D.md", "/D"), mdx=mdx) == ()


HOSTILE = (
    "[",
    "<a ",
    '<a x="',
    "{",
    "{/*",
    "<!--",
    "> ",
    "{`",
    "import x\n\n",
    "<A x={",
    "https://",
    "\0[x](\0)",
    "- ",
)


@BOTH
@pytest.mark.parametrize("start", ["", "---\r\n"])
@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_pages_end(part: str, start: str, mdx: bool) -> None:
    assert all(link != "" for link, _ in links(start + part * 5_000, mdx=mdx))


PARTS = ("[x](/D)", "`", "```\n", "\n", "{/*", "*/}", "<!--", "-->", "<A ", 'href="/D"', "/>", ">", "{", "}", "'", "- ")
MORE_PARTS = (
    "> ",
    "    ",
    "| a |\n|-|\n",
    "\\",
    "[d]",
    "[d]: /D\n",
    "---\n",
    "<a href='/D'>",
    "<script>",
    "<![",
    "\r",
    "\0",
)


@settings(max_examples=200)
@given(parts=st.lists(st.sampled_from(PARTS + MORE_PARTS), max_size=40), mdx=st.booleans())
def test_any_page_can_be_read_and_lines_stay_within_it(parts: list[str], mdx: bool) -> None:
    text = "".join(parts)
    last = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    places = links(text, mdx=mdx) + mentions(text, ("/D",), mdx=mdx)
    assert all(1 <= line <= last for _, line in places)


IMAGES = {
    "inline": "![x](/i.png)",
    "reference": "![x][i]\n\n[i]: /i.png",
    "in a link": "[![x](/i.png)](/D)",
    "html": '<img alt="x" src="/i.png">',
}


@BOTH
@pytest.mark.parametrize("text", IMAGES.values(), ids=IMAGES)
def test_images(text: str, mdx: bool) -> None:
    assert Page(text, mdx=mdx).images == [["/i.png", 1]]


@BOTH
@pytest.mark.parametrize("text", ["`![x](/i.png)`", "<!-- ![x](/i.png) -->", "```\n![x](/i.png)\n```"])
def test_no_images(text: str, mdx: bool) -> None:
    assert Page(text, mdx=mdx).images == []


def test_images_of_components() -> None:
    assert Page('<Frame><img src="/a.png" /></Frame>\n<Card img="/b.png" src={"/c.png"} />', mdx=True).images == [
        ["/a.png", 1],
        ["/c.png", 2],
    ]


HEADINGS = {  # the anchor on GitHub, and on Mintlify
    "# A b": ("a-b", "a-b"),
    "A b\n===": ("a-b", "a-b"),
    "A b\n---": ("a-b", "a-b"),
    "## A b ##": ("a-b", "a-b"),
    "> # A b": ("a-b", "a-b"),
    "- # A b": ("a-b", "a-b"),
    "# `A` *b*": ("a-b", "a-b"),
    "# ~~A~~ b": ("a-b", "a-b"),
    "# [A](/x) b": ("a-b", "a-b"),
    "# [A][x] b\n\n[x]: /y": ("a-b", "a-b"),
    "# A b ![no](/i.png)": ("a-b-", "a-b"),
    "# A &amp; b": ("a--b", "a-&-b"),
    "# A <b>b</b>": ("a-b", "a-b"),
    "A\nb\n===": ("ab", "a-b"),
    "# A {#own}": ("a-own", "own"),
    "<h2>A b</h2>": ("a-b", "a-b"),
    "<h2>\nA b\n</h2>": ("a-b", "a-b"),
    "<h2>\n\nA *b*\n\n</h2>": ("a-b", "a-b"),
    '<h2 className="x">A <b>b</b></h2>': ("a-b", "a-b"),
    '<a id="own"></a>': ("own", "own"),
    '<a name="own">x</a>': ("own", "own"),
    'text <span id="own">x</span>': ("own", "own"),
    '<h2 id="own">A</h2>': ("own", "own"),
}


@BOTH
@pytest.mark.parametrize(("text", "anchors"), HEADINGS.items())
def test_anchors(text: str, anchors: tuple[str, str], mdx: bool) -> None:
    assert anchors[mdx] in Page(text, mdx=mdx).anchors


NO_ANCHORS = {
    "comment": "<!--\n# A\n-->",
    "fence": "```\n# A\n```",
    "code": '`<a id="own"></a>`',
    "tag of its own": "#A",
    "front matter": "---\n# A\nb: c\n---\n",
    "other element": '<b name="own">x</b>',
    "escaped": r"\# A",
}


@BOTH
@pytest.mark.parametrize("text", NO_ANCHORS.values(), ids=NO_ANCHORS)
def test_no_anchors(text: str, mdx: bool) -> None:
    assert Page(text, mdx=mdx).anchors == []


def test_equal_headings_have_anchors_of_their_own() -> None:
    assert Page("# A\n\n# B\n\n# A\n", mdx=False).anchors == ["a", "b", "a-1"]
    assert Page("# A\n\n# B\n\n# A\n", mdx=True).anchors == ["a", "b", "a-2"]


def test_a_comment_over_several_blocks_hides_headings() -> None:
    assert Page("<div><!--\n\n# A\n\n<p>--></p></div>\n\n# B", mdx=False).anchors == ["b"]


def test_anchors_of_components() -> None:
    text = (
        '<Step title="Do it" titleSize="h2">\n  ## Then\n</Step>\n<Accordion title="Why"/>\n{/* <Step title="No" /> */}'
    )
    assert Page(text, mdx=True).anchors == ["do-it", "then", "why"]
    assert Page(text, mdx=False).anchors == []  # all of it is one block of HTML
