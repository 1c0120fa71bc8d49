# Two images from one file. What changes least comes first: new code reinstalls nothing.
#
#   docker build .                    the full one: DuckDB, and Apache Spark with its Java
#   docker build --target light .     DuckDB alone, for a NAS or a small board
#
# BASE_IMAGE may name the base by its digest; docs/SECURITY.md tells how.

ARG BASE_IMAGE=python:3.11-slim-bookworm
FROM ${BASE_IMAGE} AS base

RUN apt-get update \
    && apt-get install -y --no-install-recommends procps tini \
    && apt-get clean && rm -rf /var/lib/apt/lists/*

RUN groupadd --gid 10001 soundlake \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp soundlake \
    && install -d -o soundlake -g soundlake /data \
    && install -d -m 1777 /run/soundlake

WORKDIR /app

COPY requirements-light.txt ./
RUN pip install --no-cache-dir --root-user-action=ignore --require-hashes -r requirements-light.txt

ENV DATA_DIR=/data \
    HOME=/tmp \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1

VOLUME /data
# The age of a file shows whether the scheduler is alive; a check must never start Spark.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=2 \
    CMD ["/app/docker/healthcheck.sh"]
ENTRYPOINT ["/app/docker/entrypoint.sh"]
CMD ["python3", "run_ingestion.py"]


FROM base AS light

COPY . .
# Last, see docker/entrypoint.sh: users get their names where a read-only image can be written.
RUN mv /etc/passwd /etc/passwd.image && ln -s /run/soundlake/passwd /etc/passwd


FROM base AS full

RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
    && apt-get clean && rm -rf /var/lib/apt/lists/*

COPY requirements.txt ./
RUN pip install --no-cache-dir --root-user-action=ignore --require-hashes -r requirements.txt

COPY scripts/install_delta_jars.py scripts/delta_jars.sha256 scripts/
RUN python3 scripts/install_delta_jars.py

ENV DEFAULT_ENGINE=spark \
    PYSPARK_PYTHON=python3 \
    # The shell: -i makes it one even when its input comes through a pipe.
    PYSPARK_DRIVER_PYTHON_OPTS=-i \
    PYTHONSTARTUP=/app/engines/spark_shell.py \
    SPARK_CONF_DIR=/etc/soundlake

COPY . .
# Last, when all jars are there; the shell's settings name it.
RUN python3 scripts/make_class_archive.py
RUN python3 -c 'import os; from engines.spark_shell import write_defaults; write_defaults(os.environ["SPARK_CONF_DIR"])'
RUN mv /etc/passwd /etc/passwd.image && ln -s /run/soundlake/passwd /etc/passwd
