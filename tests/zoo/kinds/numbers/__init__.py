"""Results at some inputs."""
