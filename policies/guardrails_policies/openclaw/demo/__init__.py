"""The demo of the deployment rules, and the small world that our drills break as well."""
