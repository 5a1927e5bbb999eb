"""Messages of a VK community: `client` calls the API, `webhooks` reads events, `transport` is the port; `public` and `wall`: in public."""
