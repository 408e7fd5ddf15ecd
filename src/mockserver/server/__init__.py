"""The web: Connexion loads and routes the contracts, Flask runs the handlers, uvicorn listens."""
