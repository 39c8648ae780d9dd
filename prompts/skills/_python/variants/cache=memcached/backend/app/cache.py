"""Memcached: what it forgets is read again from the source."""

import os

from pymemcache.client.base import PooledClient

_client = PooledClient(os.environ["CACHE_SERVER"], connect_timeout=1, timeout=1, max_pool_size=8)


class Cache:
    """Bytes under a key, for a while."""

    def get(self, key: str) -> bytes | None:
        return _client.get(key)

    def set(self, key: str, value: bytes, seconds: int) -> None:
        _client.set(key, value, expire=seconds)

    def delete(self, key: str) -> None:
        _client.delete(key)


cache = Cache()
