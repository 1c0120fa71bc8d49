"""Fields of exports that no table may hold: dropped before a record is anything else than read."""

import re
from functools import lru_cache
from typing import Any

# However they are written: ip_addr, ip_addr_decrypted, ipAddress, username, User-Agent, …
_PERSONAL = re.compile(r"ip|ip_?addr.*|user_?(name|agent|id)?.*|.*e_?mail.*")
_NESTED = frozenset({dict, list})


def less_personal_fields(record: Any) -> Any:
    """Drop from a record, and from whatever is nested in it, addresses, names and user agents.

    Returns the record, changed in place; in what is nested too deep to be looked at, all is gone.
    """
    try:
        _drop(record)
    except RecursionError:
        return None if type(record) is list else _plain(record)
    return record


def _drop(value: Any) -> None:
    if type(value) is dict:
        for name in _personal_names(tuple(value)):
            del value[name]
        if _NESTED.isdisjoint(map(type, value.values())):
            return
        for each in value.values():
            _drop(each)
    elif type(value) is list:
        for each in value:
            _drop(each)


# The records of a file have the same fields.
@lru_cache(maxsize=256)
def _personal_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in names if is_personal(each))


def is_personal(name: str) -> bool:
    """Return whether a field of that name may say who somebody is or where they were."""
    return _PERSONAL.fullmatch(re.sub(r"[^a-z]+", "_", name.strip().lower())) is not None


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without what is nested in it."""
    names = _personal_names(tuple(record))
    return {
        name: value
        for name, value in record.items()
        if name not in names and type(value) not in _NESTED
    }
