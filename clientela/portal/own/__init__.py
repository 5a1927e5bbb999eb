"""The client's own pages: signed in by a one-time code, they renew what ends soon and report what happened."""
