// Memcached as the cache: what it forgets is read again from the source.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

type Cache struct {
	client *memcache.Client
}

func openCache(ctx context.Context) (*Cache, error) {
	client := memcache.New(os.Getenv("CACHE_SERVER"))
	client.Timeout = time.Second
	cache := &Cache{client: client}
	return cache, cache.Ping(ctx)
}

// The client has a time limit of its own and takes no context.
func (cache *Cache) Ping(context.Context) error { return cache.client.Ping() }

func (cache *Cache) Get(_ context.Context, key string) ([]byte, error) {
	item, err := cache.client.Get(key)
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return item.Value, nil
}

func (cache *Cache) Set(_ context.Context, key string, value []byte, seconds int) error {
	return cache.client.Set(&memcache.Item{Key: key, Value: value, Expiration: int32(seconds)})
}

func (cache *Cache) Delete(_ context.Context, key string) error {
	if err := cache.client.Delete(key); err != nil && !errors.Is(err, memcache.ErrCacheMiss) {
		return err
	}
	return nil
}

func (cache *Cache) Close() error { return cache.client.Close() }
