// The worker: does what the application hands to the queue. A file that it touches shows that it lives.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

const (
	aliveFile = "/tmp/worker-alive"
	aliveEach = 5 * time.Second
)

type Job struct {
	Note int64 `json:"note"`
}

func handle(_ context.Context, job Job) error {
	slog.Info("a new note", "note", job.Note)
	return nil
}

func work(ctx context.Context) error {
	dependencies, err := connect(ctx)
	if err != nil && ctx.Err() != nil {
		return nil // Asked to end before it began: no failure.
	}
	if err != nil {
		return err
	}
	defer dependencies.Close()
	go stayAlive(ctx, dependencies.queue)
	slog.Info("waiting for work")
	ended := make(chan error, 1)
	go func() { ended <- dependencies.queue.Consume(ctx, handle) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		slog.Info("finishing what was begun")
		select {
		case err = <-ended:
		case <-time.After(patienceToStop):
			return errors.New("the job at hand did not end in time; it will be done again")
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func stayAlive(ctx context.Context, queue *Queue) {
	for {
		if err := queue.Ping(ctx); err == nil {
			if err := os.WriteFile(aliveFile, nil, 0o600); err != nil {
				slog.Warn("the sign of life was not written", "error", err)
			}
		} else if ctx.Err() == nil {
			slog.Warn("the queue does not answer", "error", err)
		}
		select {
		case <-time.After(aliveEach):
		case <-ctx.Done():
			return
		}
	}
}

// Ends with 0 where the worker in this container gave a sign of life within the last half minute.
func askAlive(context.Context) error {
	file, err := os.Stat(aliveFile)
	if err != nil {
		return err
	}
	if age := time.Since(file.ModTime()); age > 6*aliveEach {
		return fmt.Errorf("the last sign of life is %s old", age.Round(time.Second))
	}
	return nil
}
