"""The world: the database, webhooks, the console, the policy file."""
