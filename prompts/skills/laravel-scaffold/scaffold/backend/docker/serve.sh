#!/bin/busybox ash
# nginx and PHP-FPM, together one service: when either ends, the service does, and is started anew.
set -eu
cd "$(dirname "$0")/.."

# systemd's journal is a socket, which nothing can open by name; what both write goes there through a pipe.
if [ -S /proc/self/fd/2 ]; then
    rm -f /tmp/log && mkfifo /tmp/log
    (trap '' TERM INT QUIT && exec cat /tmp/log) &
    exec >/tmp/log 2>&1
fi

# What production does before the first request, such as `config:cache`.
for command in "$@"; do
    php artisan "$command" --quiet
done

# Debian names it by its version.
command -v php-fpm >/dev/null || php_fpm=php-fpm$(php -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
"${php_fpm:-php-fpm}" --nodaemonize --fpm-config "$PWD/docker/php-fpm.conf" &
fpm=$!
nginx -e stderr -p "$PWD" -c docker/nginx.conf &
web=$!

# Both finish the requests they have.
trap 'ended=1; kill -QUIT $web $fpm 2>/dev/null || true' TERM INT QUIT

ended=''
wait -n || true
if [ -z "$ended" ]; then
    echo 'nginx or PHP-FPM ended by itself' >&2
    kill -QUIT $web $fpm 2>/dev/null || true
fi
wait $web $fpm || true
# The end of what was written: the pipe, where there is one, has no writer now.
exec >&- 2>&-
wait
[ -n "$ended" ]
