"""Whether git would run the hooks that must be installed.

Here: where git looks, what stands there, and which other managers write hooks.
Elsewhere: whatever installs a hook is in `guardrails/hooks/`.
"""
