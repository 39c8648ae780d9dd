// The queue: two lists on Redis. A job moves to the second one while it is done, so that a crash loses none.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	waiting = "jobs"
	begun   = "jobs:begun"
	// After Redis did not answer. The worker's health check tells a long absence (worker.go).
	pause = time.Second
)

type Queue struct {
	pool *redis.Pool
}

func openQueue(ctx context.Context) (*Queue, error) {
	queue := &Queue{pool: &redis.Pool{
		MaxIdle:     10,
		IdleTimeout: time.Minute,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialURLContext(ctx, os.Getenv("QUEUE_URL"), redis.DialConnectTimeout(time.Second),
				redis.DialReadTimeout(5*time.Second), redis.DialWriteTimeout(time.Second))
		},
	}}
	return queue, queue.Ping(ctx)
}

func (queue *Queue) Ping(ctx context.Context) error {
	_, err := queue.do(ctx, "PING")
	return err
}

func (queue *Queue) Send(ctx context.Context, job Job) error {
	content, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = queue.do(ctx, "LPUSH", waiting, content)
	return err
}

// Consume hands each job to `handle` until `ctx` ends, and outlives a restart of Redis. This is for one worker: what a
// former one had begun is done first; several workers need a list each.
func (queue *Queue) Consume(ctx context.Context, handle func(context.Context, Job) error) error {
	for ctx.Err() == nil {
		if err := queue.consume(ctx, handle); err != nil && ctx.Err() == nil {
			slog.Warn("the queue does not answer; trying again", "error", err)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
	}
	return ctx.Err()
}

func (queue *Queue) consume(ctx context.Context, handle func(context.Context, Job) error) error {
	for moved := true; moved; {
		content, err := redis.Bytes(queue.do(ctx, "LMOVE", begun, waiting, "RIGHT", "RIGHT"))
		if err != nil && !errors.Is(err, redis.ErrNil) {
			return err
		}
		moved = content != nil
	}
	for ctx.Err() == nil {
		content, err := redis.Bytes(queue.do(ctx, "BLMOVE", waiting, begun, "RIGHT", "LEFT", 1))
		if errors.Is(err, redis.ErrNil) {
			continue
		}
		if err != nil {
			return err
		}
		if err := one(content, handle); err != nil {
			slog.Error("a job failed and is dropped", "job", string(content), "error", err)
		}
		// Not with ctx: what is done is done, also at the end.
		if _, err := queue.do(context.Background(), "LREM", begun, 1, content); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func one(content []byte, handle func(context.Context, Job) error) error {
	var job Job
	if err := json.Unmarshal(content, &job); err != nil {
		return err
	}
	return handle(context.Background(), job)
}

func (queue *Queue) Close() error { return queue.pool.Close() }

func (queue *Queue) do(ctx context.Context, command string, arguments ...any) (any, error) {
	connection, err := queue.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	return redis.DoContext(connection, ctx, command, arguments...)
}
