// MySQL and MariaDB: a pool of connections, and every query the application asks.
package main

import (
	"context"
	"database/sql"
	"net"
	"os"
	"time"

	"github.com/go-sql-driver/mysql"
)

type Database struct {
	pool *sql.DB
}

func openDatabase(ctx context.Context) (*Database, error) {
	settings := mysql.NewConfig()
	settings.User = os.Getenv("DATABASE_USER")
	settings.Passwd = os.Getenv("DATABASE_PASSWORD")
	settings.Net = "tcp"
	settings.Addr = net.JoinHostPort(os.Getenv("DATABASE_HOST"), os.Getenv("DATABASE_PORT"))
	settings.DBName = os.Getenv("DATABASE_NAME")
	settings.ParseTime = true
	settings.Timeout = 2 * time.Second
	settings.Params = map[string]string{"charset": "utf8mb4", "time_zone": "'+00:00'"}
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(10)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxLifetime(3 * time.Minute)
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
	result, err := database.pool.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
	if err != nil {
		return note, err
	}
	if note.ID, err = result.LastInsertId(); err != nil {
		return note, err
	}
	row := database.pool.QueryRowContext(ctx, "SELECT created_at FROM notes WHERE id = ?", note.ID)
	return note, row.Scan(&note.CreatedAt)
}

// Migrate runs one process at a time. MySQL cannot roll back a change of tables: each step is noted when it is done.
func (database *Database) Migrate(ctx context.Context, steps []step) ([]string, error) {
	done := []string{}
	connection, err := database.pool.Conn(ctx)
	if err != nil {
		return done, err
	}
	defer connection.Close()
	if _, err := connection.ExecContext(ctx, "SELECT GET_LOCK('migrations', 60)"); err != nil {
		return done, err
	}
	defer func() { _, _ = connection.ExecContext(ctx, "SELECT RELEASE_LOCK('migrations')") }()
	if _, err := connection.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migrations (name varchar(190) PRIMARY KEY)"); err != nil {
		return done, err
	}
	for _, one := range steps {
		var known int
		row := connection.QueryRowContext(ctx, "SELECT COUNT(*) FROM migrations WHERE name = ?", one.name)
		if err := row.Scan(&known); err != nil {
			return done, err
		}
		if known > 0 {
			continue
		}
		if _, err := connection.ExecContext(ctx, one.sql); err != nil {
			return done, err
		}
		if _, err := connection.ExecContext(ctx, "INSERT INTO migrations (name) VALUES (?)", one.name); err != nil {
			return done, err
		}
		done = append(done, one.name)
	}
	return done, nil
}
