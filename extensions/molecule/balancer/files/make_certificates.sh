#!/bin/sh
# Makes, in a folder, a CA where there is none and a certificate issued by it, with its key in the same file, for a host under these names.
set -eu
cd "$1"
host=$2
shift 2
[ -e ca.key ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj '/CN=CA of the proxies'
san=$(printf ',DNS:%s' "$@")
openssl req -new -newkey rsa:2048 -nodes -keyout "$host.key" -out "$host.csr" -subj "/CN=$1"
printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\n' "${san#,}" > "$host.ext"
openssl x509 -req -in "$host.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile "$host.ext" -out issued.pem
cat issued.pem "$host.key" > "$host.pem"
