# Tocsin on SQLite or PostgreSQL. The process needs no root and writes to /data alone, so the rest may be read-only:
#   docker build -t tocsin .
#   docker run --read-only --cap-drop ALL -p 8080:8080 -v tocsin:/data tocsin

FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
COPY console ./console
COPY tools ./tools
RUN python -m venv /opt/tocsin \
    && /opt/tocsin/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tocsin \
    && install -d -o tocsin -g tocsin -m 0700 /data
COPY --from=build /opt/tocsin /opt/tocsin
ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    TOCSIN_HOST=0.0.0.0 \
    TOCSIN_PORT=8080 \
    TOCSIN_DATA=/data
USER tocsin
WORKDIR /data
VOLUME /data
EXPOSE 8080 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['TOCSIN_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["tocsin"]
CMD ["serve"]
