"""The production server: logs to standard output, heartbeats in memory, and ends within ten seconds of SIGTERM."""

import os

bind = os.environ.get("BIND_ADDRESS", "0.0.0.0") + ":8000"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 30
graceful_timeout = 8
accesslog = "-"
worker_tmp_dir = "/dev/shm"
