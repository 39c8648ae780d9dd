"""Redis, as a cache: what it forgets is read again from the source."""

import os

import redis

_client = redis.Redis.from_url(os.environ["CACHE_URL"], socket_connect_timeout=1, socket_timeout=1)


class Cache:
    """Bytes under a key, for a while."""

    def get(self, key: str) -> bytes | None:
        return _client.get(key)

    def set(self, key: str, value: bytes, seconds: int) -> None:
        _client.set(key, value, ex=seconds)

    def delete(self, key: str) -> None:
        _client.delete(key)


cache = Cache()
