"""A host's own code that breaks, with a secret in its hands."""


def orders():
    password = "hush-hush"
    raise ZeroDivisionError(f"password={password}")
