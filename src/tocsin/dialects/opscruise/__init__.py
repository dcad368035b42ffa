"""OpsCruise's tickets, as its messages to chats."""
