// PostgreSQL: a pool of connections, and every query the application asks.
package main

import (
	"context"
	"database/sql"
	"net"
	"net/url"
	"os"
	"time"

	_ "github.com/lib/pq"
)

type Database struct {
	pool *sql.DB
}

func openDatabase(ctx context.Context) (*Database, error) {
	source := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(os.Getenv("DATABASE_USER"), os.Getenv("DATABASE_PASSWORD")),
		Host:     net.JoinHostPort(os.Getenv("DATABASE_HOST"), os.Getenv("DATABASE_PORT")),
		Path:     os.Getenv("DATABASE_NAME"),
		RawQuery: "sslmode=disable&connect_timeout=2",
	}
	pool, err := sql.Open("postgres", source.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(10)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxLifetime(30 * time.Minute)
	database := &Database{pool: pool}
	if err := database.Ping(ctx); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return database, nil
}

func (database *Database) Ping(ctx context.Context) error {
	_, err := database.pool.ExecContext(ctx, "SELECT 1")
	return err
}

func (database *Database) Close() error { return database.pool.Close() }

func (database *Database) LatestNotes(ctx context.Context) ([]Note, error) {
	rows, err := database.pool.QueryContext(ctx, "SELECT id, text, created_at FROM notes ORDER BY id DESC LIMIT 50")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	notes := []Note{}
	for rows.Next() {
		var note Note
		if err := rows.Scan(&note.ID, &note.Text, &note.CreatedAt); err != nil {
			return nil, err
		}
		notes = append(notes, note)
	}
	return notes, rows.Err()
}

func (database *Database) AddNote(ctx context.Context, text string) (Note, error) {
	note := Note{Text: text}
	row := database.pool.QueryRowContext(ctx, "INSERT INTO notes (text) VALUES ($1) RETURNING id, created_at", text)
	return note, row.Scan(&note.ID, &note.CreatedAt)
}

// Migrate does all or nothing, and one process at a time: a second one waits for the lock, then finds the work done.
func (database *Database) Migrate(ctx context.Context, steps []step) ([]string, error) {
	done := []string{}
	work, err := database.pool.BeginTx(ctx, nil)
	if err != nil {
		return done, err
	}
	defer func() { _ = work.Rollback() }()
	if _, err := work.ExecContext(ctx, "SELECT pg_advisory_xact_lock(727274)"); err != nil {
		return done, err
	}
	if _, err := work.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)"); err != nil {
		return done, err
	}
	for _, one := range steps {
		result, err := work.ExecContext(ctx, "INSERT INTO migrations (name) VALUES ($1) ON CONFLICT DO NOTHING", one.name)
		if err != nil {
			return done, err
		}
		if new, err := result.RowsAffected(); err != nil || new == 0 {
			continue
		}
		if _, err := work.ExecContext(ctx, one.sql); err != nil {
			return done, err
		}
		done = append(done, one.name)
	}
	return done, work.Commit()
}
