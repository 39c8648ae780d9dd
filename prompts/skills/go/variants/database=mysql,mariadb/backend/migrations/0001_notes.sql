CREATE TABLE IF NOT EXISTS notes (
    id integer AUTO_INCREMENT PRIMARY KEY,
    text varchar(280) NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
