# Which stand-in answers to which official name. `build` fills the variables in: the label tells what an image really is.
group "core"  { targets = ["python", "node", "postgres", "redis", "nginx"] }
group "extra" { targets = ["mysql", "memcached", "rabbitmq", "golang", "php", "composer", "caddy"] }
group "all"   { targets = ["core", "extra"] }

variable "RECIPE"  { default = "" } # hash of this folder: an image that carries it is up to date
variable "LISTS"   { default = "" } # the package lists' date: older lists name packages that mirrors no longer hold
variable "MACHINE" { default = "" } # folder with what is this machine's own: its certificates, pip's and npm's settings
variable "BASE"    { default = "" } # the imported Debian that all are made from
variable "SUITE"   { default = "" }
variable "PYTHON"    { default = "" }
variable "NODE"      { default = "" }
variable "POSTGRES"  { default = "" }
variable "REDIS"     { default = "" }
variable "NGINX"     { default = "" }
variable "MYSQL"     { default = "" }
variable "MEMCACHED" { default = "" }
variable "RABBITMQ"  { default = "" }
variable "GOLANG"    { default = "" }
variable "PHP"       { default = "" }
variable "COMPOSER"  { default = "" }
variable "CADDY"     { default = "" }

function "labels" {
  params = [what]
  result = { "groundwork.stand-in" = "${what} (Debian ${SUITE})", "groundwork.stand-in.recipe" = RECIPE }
}

target "_common" {
  context    = "context"
  dockerfile = "../Dockerfile"
  contexts   = { machine = MACHINE }
  args       = { BASE = BASE, LISTS = LISTS }
}

# Not an image: the versions that Debian would install now, written to a file.
target "versions" {
  inherits = ["_common"]
  target   = "versions"
  output   = ["type=local,dest=${MACHINE}"]
}

target "python" {
  inherits = ["_common"]
  target   = "python"
  tags     = ["python:3.12-slim"]
  labels   = labels("Python ${PYTHON}")
}
target "node" {
  inherits = ["_common"]
  target   = "node"
  tags     = ["node:22-alpine"]
  labels   = labels("Node.js ${NODE}")
}
target "postgres" {
  inherits = ["_common"]
  target   = "postgres"
  tags     = ["postgres:16-alpine"]
  labels   = labels("PostgreSQL ${POSTGRES}")
}
target "redis" {
  inherits = ["_common"]
  target   = "redis"
  tags     = ["redis:7-alpine"]
  labels   = labels("Redis ${REDIS}")
}
target "nginx" {
  inherits = ["_common"]
  target   = "nginx"
  tags     = ["nginx:1.27-alpine"]
  labels   = labels("nginx ${NGINX}")
}
target "mysql" {
  inherits = ["_common"]
  target   = "mysql"
  tags     = ["mysql:8.4"]
  labels   = labels("MariaDB ${MYSQL}")
}
target "memcached" {
  inherits = ["_common"]
  target   = "memcached"
  tags     = ["memcached:1.6-alpine"]
  labels   = labels("Memcached ${MEMCACHED}")
}
target "rabbitmq" {
  inherits = ["_common"]
  target   = "rabbitmq"
  tags     = ["rabbitmq:4-alpine"]
  labels   = labels("RabbitMQ ${RABBITMQ}")
}
target "golang" {
  inherits = ["_common"]
  target   = "golang"
  tags     = ["golang:1.24-alpine"]
  labels   = labels("Go ${GOLANG}")
}
target "php" {
  inherits = ["_common"]
  target   = "php"
  tags     = ["php:8.4-fpm-alpine"]
  labels   = labels("PHP-FPM ${PHP}")
}
target "composer" {
  inherits = ["_common"]
  target   = "composer"
  tags     = ["composer:2"]
  labels   = labels("Composer ${COMPOSER}")
}
target "caddy" {
  inherits = ["_common"]
  target   = "caddy"
  tags     = ["caddy:2-alpine"]
  labels   = labels("Caddy ${CADDY}")
}
