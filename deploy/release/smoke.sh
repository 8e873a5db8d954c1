#!/usr/bin/env bash
# Asks the new revision of web, which has no traffic yet, whether it works. With PUBLIC=false, as the build's own identity.
set -euo pipefail
. "$(dirname "$0")/services.sh"

# An identity token for the service, signed by IAM: https://cloud.google.com/run/docs/authenticating/service-to-service
identity_token() {
  local account="$NAME-build@$PROJECT.iam.gserviceaccount.com" audience
  audience=$(describe web | pick 'it["status"]["url"]')
  curl --fail --silent --show-error --request POST \
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$account:generateIdToken" \
    --header "Authorization: Bearer $(gcloud auth print-access-token)" --header 'Content-Type: application/json' \
    --data "{\"audience\": \"$audience\", \"includeEmail\": true}" | pick 'it["token"]'
}

url=$(candidate web url)
identity=()
[ "$PUBLIC" = true ] || identity=(--header "X-Serverless-Authorization: Bearer $(identity_token)")

for path in health/ready presets openapi.json; do
  echo "GET $url/$path"
  curl --fail --silent --show-error --retry 5 --retry-all-errors --max-time 10 --output /dev/null "${identity[@]}" "$url/$path"
done
status=$(curl --silent --output /dev/null --write-out '%{http_code}' "${identity[@]}" "$url/tasks")
[ "$status" = 401 ] || { echo "GET /tasks without a token answered $status"; exit 1; }
