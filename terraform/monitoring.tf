# Notification channel, uptime check and log-based metrics. The alerts are in alerts.tf.

resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == null ? 0 : 1

  display_name = "${var.name} on call"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.enabled]
}

locals {
  notification_channels = google_monitoring_notification_channel.email[*].id
}

# A check is a request. Without a warm instance it would keep one running, and billed, all the time.
resource "google_monitoring_uptime_check_config" "web" {
  count = var.web_public && var.web_min_instances > 0 ? 1 : 0

  display_name     = "${var.name} web"
  period           = "300s"
  timeout          = "10s"
  selected_regions = ["EUROPE", "USA", "ASIA_PACIFIC"]

  http_check {
    path         = "/health/live"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      host       = trimprefix(local.web_url, "https://")
      project_id = var.project_id
    }
  }

  depends_on = [google_project_service.enabled]
}

# Cloud Run's own latency metric counts a client that streams progress for minutes as a slow request.
resource "google_logging_metric" "web_latency" {
  name   = "${var.name}/web-latency"
  filter = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.service_names.web}"
    log_id("run.googleapis.com/requests")
    NOT httpRequest.requestUrl=~"/events|/outputs/"
  EOT

  value_extractor = "REGEXP_EXTRACT(httpRequest.latency, \"([0-9.]+)s\")"
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "s"
  }
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 1.4
      scale              = 0.005
    }
  }

  depends_on = [google_project_service.enabled]
}

resource "google_logging_metric" "errors" {
  name   = "${var.name}/errors"
  filter = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name=("${join("\" OR \"", values(local.service_names))}")
    severity>=ERROR
    NOT log_id("run.googleapis.com/requests")
  EOT

  label_extractors = { service = "EXTRACT(resource.labels.service_name)" }
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key        = "service"
      value_type = "STRING"
    }
  }

  depends_on = [google_project_service.enabled]
}

# Each attempt of a job ends with a line that says how.
resource "google_logging_metric" "job_outcomes" {
  name   = "${var.name}/job-outcomes"
  filter = <<-EOT
    resource.type="${local.worker_resource}"
    jsonPayload.message="job ended"
    jsonPayload.service="batch"
  EOT

  label_extractors = { outcome = "EXTRACT(jsonPayload.outcome)" }
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key        = "outcome"
      value_type = "STRING"
    }
  }

  depends_on = [google_project_service.enabled]
}

# Jobs that failed for good, and with them their tasks, by error code (docs/errors.md).
resource "google_logging_metric" "task_failures" {
  name   = "${var.name}/task-failures"
  filter = <<-EOT
    resource.type="${local.worker_resource}"
    jsonPayload.message="attempt failed"
    jsonPayload.verdict="fail"
  EOT

  label_extractors = { code = "EXTRACT(jsonPayload.code)" }
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key        = "code"
      value_type = "STRING"
    }
  }

  depends_on = [google_project_service.enabled]
}

# What users wait for: once for each task, on the line that says so (services/batch/jobs/process-job.ts).
resource "google_logging_metric" "task_times" {
  for_each = {
    pace = "jsonPayload.secondsPerMediaMinute"
    wait = "jsonPayload.taskWaitSeconds"
  }

  name   = "${var.name}/task-${each.key}"
  filter = <<-EOT
    resource.type="${local.worker_resource}"
    jsonPayload.service="batch"
    ${each.value}>=0
  EOT

  value_extractor = "EXTRACT(${each.value})"
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "s"
  }
  bucket_options {
    explicit_buckets {
      bounds = [0, 1, 5, 15, 30, 60, 120, 300, 900, 3600]
    }
  }

  depends_on = [google_project_service.enabled]
}

resource "google_logging_metric" "sweep_failures" {
  name   = "${var.name}/sweep-failures"
  filter = <<-EOT
    resource.type="cloud_scheduler_job"
    resource.labels.job_id="${local.service_names.sweep}"
    severity>=ERROR
  EOT

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.enabled]
}

# Monitoring refuses an alert on a log-based metric that it does not know yet, which takes up to ten minutes. The metrics need
# nothing but the APIs, so this passes while the database is created.
resource "time_sleep" "log_metrics" {
  count = var.alert_email == null ? 0 : 1

  create_duration = "600s"
  triggers        = { metrics = join(" ", local.log_metrics) }
}

locals {
  log_metrics = concat(
    [
      google_logging_metric.errors.id,
      google_logging_metric.job_outcomes.id,
      google_logging_metric.sweep_failures.id,
      google_logging_metric.task_failures.id,
      google_logging_metric.web_latency.id,
    ],
    [for metric in google_logging_metric.task_times : metric.id],
  )
}

# https://cloud.google.com/trace/docs/iam
resource "google_project_iam_member" "traces" {
  for_each = var.traces ? { batch = google_service_account.batch.member, web = google_service_account.web.member } : {}

  project = var.project_id
  role    = "roles/telemetry.tracesWriter"
  member  = each.value
}
