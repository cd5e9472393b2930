#!/bin/sh
# In place of the product's diagnostics tool: runs beside the server, on its console, until it is told to end.
trap 'exit 0' TERM INT
while :; do
  sleep 1
done
