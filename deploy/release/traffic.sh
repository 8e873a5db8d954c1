#!/usr/bin/env bash
# Gives the new revisions CANARY_PERCENT of the traffic for CANARY_SECONDS, and all of it if they log at most CANARY_ERRORS errors
# meanwhile. Otherwise runs the command in the file roll-back and fails. 0 seconds move the traffic at once.
set -Eeuo pipefail
. "$(dirname "$0")/services.sh"

# Until the lines of a request can be read.
LOG_DELAY_SECONDS=${LOG_DELAY_SECONDS:-30}

# Whatever interrupts this script must not leave the traffic divided.
roll_back() {
  trap - ERR TERM INT
  echo "$1: rolling back"
  bash -euc "$(cat roll-back)"
  exit 1
}

give_share() {
  gcloud run services update-traffic "$NAME-$1" --project="$PROJECT" --region="$REGION" \
    --to-tags="candidate=$CANARY_PERCENT" --quiet
}

give_all() {
  gcloud run services update-traffic "$NAME-$1" --project="$PROJECT" --region="$REGION" --to-latest --quiet
}

# Writes a line to the file canary-errors for each reply of 500 or above, line of severity ERROR, and recipe that ffmpeg refuses, by
# the new revisions.
list_errors() {
  local limit=$((CANARY_ERRORS + 1)) filter
  filter="resource.type=\"cloud_run_revision\" timestamp>=\"$since\"
    resource.labels.revision_name=(\"$web\" OR \"$batch\")
    (httpRequest.status>=500 OR (severity>=ERROR AND NOT log_id(\"run.googleapis.com/requests\"))
      OR jsonPayload.code=\"media.failed\")"
  gcloud logging read "$filter" --project="$PROJECT" --limit="$limit" --format='value(insertId)' > canary-errors
}

if [ "$CANARY_SECONDS" -gt 0 ]; then
  web=$(candidate web revisionName)
  batch=$(candidate batch revisionName)
  since=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
  trap 'roll_back "the canary was interrupted"' ERR TERM INT
  for service in batch web; do give_share "$service"; done
  sleep "$((CANARY_SECONDS + LOG_DELAY_SECONDS))"
  list_errors || roll_back "the log could not be read"
  errors=$(grep -c . canary-errors || true)
  echo "$web and $batch logged $errors errors with $CANARY_PERCENT % of the traffic for $CANARY_SECONDS s"
  [ "$errors" -le "$CANARY_ERRORS" ] || roll_back "more than $CANARY_ERRORS errors"
fi
trap 'roll_back "the traffic was not moved"' ERR TERM INT
for service in batch sweep web; do give_all "$service"; done
if [ -n "$(worker_image)" ]; then
  gcloud beta run worker-pools update "$NAME-worker" --project="$PROJECT" --region="$REGION" --image="$(cat batch.digest)" --quiet
fi
if [ -n "$(long_jobs_image)" ]; then
  gcloud run jobs update "$NAME-long-jobs" --project="$PROJECT" --region="$REGION" --image="$(cat batch.digest)" --quiet
fi
trap - ERR TERM INT
echo "Roll back: $(cat roll-back)"
