#!/bin/sh
# Makes the certificates of the tests anew: an authority, and a server and a client that it vouches
# for. They are of no use elsewhere, and hold for a hundred years.
set -eu
cd "$(dirname "$0")"

make_certificate() { # its name, its extensions
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" \
        -subj "/CN=mockserver tests: $1" -out "$1.csr" 2>/dev/null
    printf '%s\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n' "$2" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days 36500 -extfile "$1.ext" \
        -out "$1.pem" 2>/dev/null
    rm "$1.csr" "$1.ext"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key \
    -subj "/CN=mockserver tests: authority" -days 36500 -out ca.pem \
    -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
make_certificate server "subjectAltName=IP:127.0.0.1
extendedKeyUsage=serverAuth
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature"
make_certificate client "extendedKeyUsage=clientAuth
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature"
rm -f ca.key ca.srl
