#!/bin/busybox ash
# nginx and PHP-FPM, together one service: when either ends, the container does, and Docker starts it anew.
set -eu

if [ "${APP_ENV:-production}" = production ]; then
    php artisan config:cache --quiet
    php artisan route:cache --quiet
fi

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
