// The health of the application: whether what it depends on answers, asked anew each time.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const patienceToAnswer = 1500 * time.Millisecond

func health(dependencies map[string]Dependency) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		ctx, cancel := context.WithTimeout(request.Context(), patienceToAnswer)
		defer cancel()
		var (
			lock   sync.Mutex
			group  sync.WaitGroup
			checks = make(map[string]string, len(dependencies))
			status = http.StatusOK
			word   = "ok"
		)
		for name, dependency := range dependencies {
			group.Add(1)
			go func() {
				defer group.Done()
				err := ask(ctx, dependency)
				lock.Lock()
				defer lock.Unlock()
				checks[name] = "ok"
				if err != nil {
					slog.Warn("a dependency does not answer", "name", name, "error", err)
					// 503 when one does not answer, so that traffic goes elsewhere.
					checks[name], status, word = "unavailable", http.StatusServiceUnavailable, "unavailable"
				}
			}()
		}
		group.Wait()
		answer(writer, status, map[string]any{"status": word, "checks": checks})
	}
}

// A dependency that hangs counts as down, even where its client knows no deadline.
func ask(ctx context.Context, dependency Dependency) error {
	answered := make(chan error, 1)
	go func() { answered <- dependency.Ping(ctx) }()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
