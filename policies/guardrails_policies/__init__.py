"""The deployment rules of OpenClaw as policies: a plugin like any third party's."""
