# The image of guidebot: everything is read-only but /data, where the SQLite database, the secret key and what is kept
# between starts lie.
# BASE is any image with Python 3.11 or newer, its venv module and tzdata.
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/venv
WORKDIR /app
COPY requirements.lock ./
RUN /opt/venv/bin/python -m pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot bot
# Installed in place: the bot finds knowledge/ and migrations/ beside its package, here as in a checkout.
RUN /opt/venv/bin/python -m pip install --no-build-isolation --no-deps --editable . \
    && /opt/venv/bin/python -m compileall -q bot
COPY migrations migrations
COPY knowledge knowledge
# Readable by the bot's user, whatever the rights in the checkout.
RUN chmod -R a+rX /app

FROM ${BASE}
RUN install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/data \
    TMPDIR=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////data/guidebot.db \
    CACHE_DIR=/data/cache \
    MAIL_COPIES_DIR=/data/outbox \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080 \
    ADMIN_PORT=8081
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
# Without a proxy, whatever HTTP_PROXY says: the bot asks itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as web; port = os.environ.get('ADMIN_PORT') or os.environ.get('HTTP_PORT') or 8080; web.build_opener(web.ProxyHandler({})).open(f'http://127.0.0.1:{port}/livez', timeout=4)"]
ENTRYPOINT ["guidebot"]
CMD ["serve"]
