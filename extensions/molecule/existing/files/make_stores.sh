#!/bin/sh
# Makes, in a folder, the site's CA and for each name a keystore with a certificate issued by it and a truststore that trusts it.
set -eu
cd "$1"
shift
keys='-storetype PKCS12 -keyalg RSA -keysize 2048 -storepass keys-of-the-site'
keytool -genkeypair -alias ca -dname 'CN=CA of the site' -ext bc:c -validity 3650 $keys -keystore ca.p12
keytool -exportcert -rfc -alias ca -keystore ca.p12 -storepass keys-of-the-site > ca.pem
for name; do
  store="-alias wso2carbon -keystore $name-keys.p12"
  keytool -genkeypair $store $keys -dname "CN=$name" -validity 825
  keytool -certreq $store -storepass keys-of-the-site |
    keytool -gencert -rfc -alias ca -keystore ca.p12 -storepass keys-of-the-site -validity 825 -ext "san=dns:$name,dns:localhost" > issued.pem
  cat issued.pem ca.pem | keytool -importcert -noprompt $store -storepass keys-of-the-site
  keytool -importcert -noprompt -alias site-ca -file ca.pem -keystore "$name-trust.jks" -storetype JKS -storepass trust-of-the-site
done
