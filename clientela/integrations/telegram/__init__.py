"""A Telegram bot: `client` calls the Bot API, `updates` reads what comes, `transport` is the port, `views` the webhook."""
