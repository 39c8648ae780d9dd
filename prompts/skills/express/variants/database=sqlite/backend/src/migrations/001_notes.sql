CREATE TABLE notes (
    id integer PRIMARY KEY,
    text text NOT NULL CHECK (length(text) <= 280),
    created_at text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
