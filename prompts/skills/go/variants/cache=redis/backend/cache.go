// Redis as the cache: what it forgets is read again from the source.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/gomodule/redigo/redis"
)

type Cache struct {
	pool *redis.Pool
}

func openCache(ctx context.Context) (*Cache, error) {
	cache := &Cache{pool: &redis.Pool{
		MaxIdle:     10,
		IdleTimeout: time.Minute,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialURLContext(ctx, os.Getenv("CACHE_URL"), redis.DialConnectTimeout(time.Second),
				redis.DialReadTimeout(time.Second), redis.DialWriteTimeout(time.Second))
		},
	}}
	return cache, cache.Ping(ctx)
}

func (cache *Cache) Ping(ctx context.Context) error {
	_, err := cache.do(ctx, "PING")
	return err
}

func (cache *Cache) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := redis.Bytes(cache.do(ctx, "GET", key))
	if errors.Is(err, redis.ErrNil) {
		return nil, nil
	}
	return value, err
}

func (cache *Cache) Set(ctx context.Context, key string, value []byte, seconds int) error {
	_, err := cache.do(ctx, "SET", key, value, "EX", seconds)
	return err
}

func (cache *Cache) Delete(ctx context.Context, key string) error {
	_, err := cache.do(ctx, "DEL", key)
	return err
}

func (cache *Cache) Close() error { return cache.pool.Close() }

func (cache *Cache) do(ctx context.Context, command string, arguments ...any) (any, error) {
	connection, err := cache.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	return redis.DoContext(connection, ctx, command, arguments...)
}
