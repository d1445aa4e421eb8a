"""The version, where neither packaging nor a start needs anything else."""

VERSION = "0.7.0"
