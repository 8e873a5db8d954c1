#!/usr/bin/env bash
# Refuses images with known vulnerabilities of the severity in SEVERITY for which there is a fix; `none` scans nothing.
# https://cloud.google.com/artifact-analysis/docs/os-scanning-on-demand
set -euo pipefail

if [ "$SEVERITY" = none ]; then
  echo "The images were not scanned."
  exit 0
fi
for service in web batch; do
  scan=$(gcloud artifacts docker images scan "$(cat "$service.digest")" --remote --quiet --format='value(response.scan)')
  gcloud artifacts docker images list-vulnerabilities "$scan" --format=json > "$service.vulnerabilities.json"
  python3 - "$service" "$SEVERITY" <<'PYTHON'
import json, sys
service, severity = sys.argv[1:]
found = [each["vulnerability"] for each in json.load(open(f"{service}.vulnerabilities.json"))]
grave = [each for each in found if each.get("effectiveSeverity") == severity and each.get("fixAvailable")]
print(f"{service}: {len(found)} known vulnerabilities, {len(grave)} of severity {severity} with a fix")
for each in grave:
    print(f"  {each.get('shortDescription')} in {', '.join(issue['affectedPackage'] for issue in each['packageIssue'])}")
sys.exit(1 if grave else 0)
PYTHON
done
