#!/bin/busybox ash
# nginx and PHP-FPM, together one service: when either ends, the container does, and Docker starts it anew.
set -eu

# What production does before the first request, such as `config:cache`.
for command in "$@"; do
    php artisan "$command" --quiet
done

php-fpm --nodaemonize --fpm-config /app/docker/php-fpm.conf &
fpm=$!
nginx -e stderr -c /app/docker/nginx.conf &
web=$!

# Both finish the requests they have.
trap 'ended=1; kill -QUIT $web $fpm 2>/dev/null || true' TERM INT QUIT

ended=''
wait -n || true
if [ -z "$ended" ]; then
    echo 'nginx or PHP-FPM ended by itself' >&2
    kill -QUIT $web $fpm 2>/dev/null || true
    wait
    exit 1
fi
wait
