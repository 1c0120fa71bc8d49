"""The tables by SQL that was written apart from the models: a second opinion on their rows."""
