# syntax=docker/dockerfile:1
# The server, for a store in PostgreSQL too: `docker build -t mockserver .`. With checks and traces:
# `docker build --build-arg EXTRAS=postgres,check,otel -t mockserver .`

FROM python:3.13-slim AS build
ARG EXTRAS=postgres
WORKDIR /source
COPY pyproject.toml constraints.txt README.md CHANGELOG.md LICENSE ./
COPY src ./src
COPY openapi ./openapi
COPY fixtures ./fixtures
RUN python -m venv /srv/mockserver && \
    /srv/mockserver/bin/pip install --no-cache-dir --constraint constraints.txt ".[$EXTRAS]" && \
    find /srv/mockserver -name __pycache__ -prune -exec rm -r {} +

FROM python:3.13-slim
COPY --from=build /srv/mockserver /srv/mockserver
# The server writes its temporary store below /tmp, and to no other folder.
USER 10001:10001
ENV PATH=/srv/mockserver/bin:$PATH PYTHONDONTWRITEBYTECODE=1 MOCKSERVER_HOST=0.0.0.0
EXPOSE 4010
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4010/__mock__/health', timeout=2)"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
