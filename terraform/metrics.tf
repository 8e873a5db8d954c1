# The product's metrics in Managed Prometheus, with `metrics`: a container beside web and beside batch reads them from a port that
# only the instance itself reaches, and sends them on under the names and labels of deploy/prometheus.yml.
# https://docs.cloud.google.com/run/docs/monitoring-managed-prometheus-sidecar

locals {
  metrics_port = 9464
  # Cloud Run's own defaults. It takes little of it, but must have as much CPU as an instance that is billed by instance.
  collector_cpu        = 1
  collector_memory_mib = 512
  collector_image      = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.2.0"

  # One in each instance of web and batch, at most.
  collectors = var.metrics ? var.web_max_instances + var.batch_max_instances : 0

  collected = var.metrics ? {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  } : {}
}

resource "google_project_iam_member" "metrics" {
  for_each = local.collected

  project = var.project_id
  role    = "roles/monitoring.metricWriter"
  member  = each.value
}

# Not secret, but this is how a file gets into a container of Cloud Run. The name becomes the label `job`.
resource "google_secret_manager_secret" "collector" {
  for_each = local.collected

  secret_id = "${local.service_names[each.key]}-collector"
  replication {
    auto {}
  }

  depends_on = [google_project_service.enabled]
}

resource "google_secret_manager_secret_version" "collector" {
  for_each = local.collected

  secret = google_secret_manager_secret.collector[each.key].id
  secret_data = yamlencode({
    apiVersion = "monitoring.googleapis.com/v1beta"
    kind       = "RunMonitoring"
    metadata   = { name = each.key }
    spec = {
      endpoints    = [{ port = tostring(local.metrics_port), path = "/metrics", interval = "30s" }]
      targetLabels = { metadata = ["instance", "revision", "service"] }
    }
  })
}

resource "google_secret_manager_secret_iam_member" "collector" {
  for_each = local.collected

  secret_id = google_secret_manager_secret.collector[each.key].id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value
}
