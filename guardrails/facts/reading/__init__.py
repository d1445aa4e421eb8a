"""Files in the formats of others: JSON5 and its includes, settings, SQLite stores.

Here: how such a file is read beside its writer, and how a value in it is found and compared.
Elsewhere: bytes and text are read by `facts/files.py`; unit files of systemd in `service/`.
"""
