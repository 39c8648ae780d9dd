// Brings the database up to date: runs each file of migrations/ once, in the order of their names.
package main

import (
	"context"
	"embed"
	"log/slog"
)

//go:embed migrations/*.sql
var migrations embed.FS

type step struct {
	name, sql string
}

func migrate(ctx context.Context) error {
	database, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	// Sorted by name, as embedded folders are.
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	var steps []step
	for _, entry := range entries {
		sql, err := migrations.ReadFile("migrations/" + entry.Name())
		if err != nil {
			return err
		}
		steps = append(steps, step{name: entry.Name(), sql: string(sql)})
	}
	done, err := database.Migrate(ctx, steps)
	slog.Info("the database is up to date", "applied", done)
	return err
}
