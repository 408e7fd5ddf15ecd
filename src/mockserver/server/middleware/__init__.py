"""The steps of a request before its handler; `server.app` lists them in their order."""
