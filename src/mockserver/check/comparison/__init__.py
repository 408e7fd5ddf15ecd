"""Two deployments side by side: the same requests to both, and what they answer differently."""
