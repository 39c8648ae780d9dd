CREATE TABLE notes (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text varchar(280) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
