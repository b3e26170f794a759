"""A believable company: people, habits, vaults, and the records their work leaves behind."""
