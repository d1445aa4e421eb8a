"""The only code that looks at the world: read-only, bounded, and without opinion."""
