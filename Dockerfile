# syntax=docker/dockerfile:1
# Two stages: the first builds the Debian package with the script that ./run uses too, the second
# installs that package, so that its libraries come with it and nothing else does.
FROM debian:12-slim AS build
WORKDIR /src
COPY . .
RUN tools/package.sh /out

FROM debian:12-slim
# A number, because Kubernetes checks runAsNonRoot by it; before the package would pick another.
RUN groupadd --system --gid 10001 banter \
 && useradd --system --uid 10001 --gid banter --home-dir /var/lib/banter --no-create-home \
      --shell /usr/sbin/nologin banter
RUN --mount=type=bind,from=build,source=/out,target=/out \
    apt-get update \
 && apt-get install -y --no-install-recommends /out/banter.deb \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
 && install -d -m 0700 -o banter -g banter /var/lib/banter
USER 10001:10001
WORKDIR /var/lib/banter
ENV BANTER_LISTEN=0.0.0.0:8000 BANTER_DATA=/var/lib/banter BANTER_LOG_FORMAT=json
VOLUME /var/lib/banter
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether the process answers. Whether it can reach its store is /readyz, for balancers: a restart
# mends no store.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /livez HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["banter"]
CMD ["serve"]
