"""One HTML page that is opened from disk and asks for nothing: verdict, findings, release, timeline.

Here: `page_data.py` gathers what a page holds as plain data, `logged_verdicts.py` the part that the audit log knows,
`page_view.py` and `page_timeline.py` make of it what is shown, and `page.py` fills `page.html.jinja` with that.
Elsewhere: where a page is written, `guardrails/cli/outputs.py`; the data's shape, `docs/report.md`.
"""
