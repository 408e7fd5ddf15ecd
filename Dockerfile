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
# With bytecode, which Python cannot add later: without it, a start takes more than twice as long.
RUN python -m venv --without-pip /srv/mockserver && \
    pip --python /srv/mockserver install --no-cache-dir --no-compile --constraint constraints.txt ".[$EXTRAS]" && \
    python -m compileall -q --invalidation-mode checked-hash /srv/mockserver/lib

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
