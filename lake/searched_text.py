"""How texts are compared where people search: in small letters, without accents."""


def folded(text: str) -> str:
    """Return the expression of a text in plain small letters, without accents."""
    return f"strip_accents(lower({text}))"
