"""The pages of a documentation site: their links, anchors and snippets, and where a link leads.

Here: Markdown, MDX, OpenAPI and Mintlify's rules, for one document or a whole tree.
Elsewhere: sign-offs in a document are in `approval/signoff_blocks.py`.
"""
