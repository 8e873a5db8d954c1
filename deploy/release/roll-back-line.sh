#!/usr/bin/env bash
# Prints the command that restores what serves now, before anything changes, and keeps it in the file roll-back.
set -euo pipefail
. "$(dirname "$0")/services.sh"

command=""
for service in batch sweep web; do
  command="${command:+$command && }gcloud run services update-traffic $NAME-$service --project=$PROJECT --region=$REGION"
  command="$command --to-revisions=$(serving_revision "$service")=100 --quiet"
done
image=$(worker_image)
if [ -n "$image" ]; then
  command="$command && gcloud beta run worker-pools update $NAME-worker --project=$PROJECT --region=$REGION --image=$image --quiet"
fi
image=$(long_jobs_image)
if [ -n "$image" ]; then
  command="$command && gcloud run jobs update $NAME-long-jobs --project=$PROJECT --region=$REGION --image=$image --quiet"
fi
echo "$command" > roll-back
echo "Roll back: $command"
