"""Work in the background of the service: what is due, again and again, until the service stops."""

from tidewaiter.worker.loop import Loop

__all__ = ["Loop"]
