"""What a deployment runs once: see docker-compose.yml."""
