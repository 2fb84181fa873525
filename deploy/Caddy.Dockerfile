# Caddy without root. The copied program has no file capabilities, so it starts with none at all;
# it listens above 1024 and docker-compose.yml maps the ports.
FROM caddy:2.10
RUN cp /usr/bin/caddy /usr/local/bin/caddy \
    && chown -R 10002:10002 /data /config
COPY Caddyfile /etc/caddy/Caddyfile
USER 10002:10002
EXPOSE 8080 8443
CMD ["/usr/local/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
