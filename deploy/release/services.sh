# For the other scripts of this folder. They run in Cloud Build, in an image that has gcloud and python3, with NAME, PROJECT and
# REGION in their environment.

# Prints a service as JSON: `describe batch`.
describe() {
  gcloud run services describe "$NAME-$1" --project="$PROJECT" --region="$REGION" --format=json
}

# Prints the value of a Python expression over the JSON document `it` on standard input.
pick() {
  python3 -c "import json, sys; it = json.load(sys.stdin); print($1)"
}

# Prints the revision with most of the traffic.
serving_revision() {
  describe "$1" | pick 'max(it["status"]["traffic"], key=lambda t: t.get("percent", 0))["revisionName"]'
}

# Prints a field of the revision that was deployed last and has the tag `candidate`: `candidate web url`.
candidate() {
  describe "$1" | pick "next(t for t in it['status']['traffic'] if t.get('tag') == 'candidate')['$2']"
}

# Prints the first image in the JSON document on standard input.
first_image() {
  grep -o '"image": *"[^"]*"' | head -1 | cut -d '"' -f 4
}

# Prints the image of the job for long jobs, or nothing where there is none.
long_jobs_image() {
  local job
  job=$(gcloud run jobs describe "$NAME-long-jobs" --project="$PROJECT" --region="$REGION" --format=json 2> /dev/null) || return 0
  first_image <<< "$job"
}

# Prints the image of the worker pool, or nothing where there is no pool.
worker_image() {
  local pool
  pool=$(gcloud beta run worker-pools describe "$NAME-worker" --project="$PROJECT" --region="$REGION" --format=json 2> /dev/null) ||
    return 0
  first_image <<< "$pool"
}
