# Each entry of local.alerts is one alert. docs/operations.md has a section for each, under the same name.

locals {
  web_filter          = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${google_cloud_run_v2_service.web.name}\""
  batch_filter        = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${google_cloud_run_v2_service.batch.name}\""
  services_filter     = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=starts_with(\"${var.name}-\")"
  database_filter     = "resource.type=\"cloudsql_database\" AND resource.labels.database_id=\"${var.project_id}:${google_sql_database_instance.main.name}\""
  subscription_filter = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.jobs.name}\""
  topic_filter        = "resource.type=\"pubsub_topic\" AND resource.labels.topic_id=\"${google_pubsub_topic.jobs.name}\""

  # duration: how long the threshold must be exceeded; aligner: combines the points of one time series; reducer:
  # combines time series; denominator: divides the filter's value, where the threshold is a ratio; group_by: what each alert
  # is about, where one threshold applies to several.
  alerts = {
    batch-failing = {
      summary     = "Batch returns errors"
      filter      = "metric.type=\"run.googleapis.com/request_count\" AND ${local.batch_filter} AND metric.labels.response_code_class=\"5xx\""
      denominator = "metric.type=\"run.googleapis.com/request_count\" AND ${local.batch_filter}"
      threshold   = 0.05, duration = "600s", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", severity = "ERROR"
    }
    batch-memory = {
      summary   = "Batch is running out of memory, scratch space included"
      filter    = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.batch_filter}"
      threshold = 0.9, duration = "300s", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", severity = "WARNING"
    }
    database-connections = {
      summary   = "The database is running out of connections"
      filter    = "metric.type=\"cloudsql.googleapis.com/database/postgresql/num_backends\" AND ${local.database_filter}"
      threshold = floor(0.8 * var.database_max_connections), duration = "300s", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", severity = "ERROR"
    }
    database-cpu = {
      summary   = "The database is short of CPU"
      filter    = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" AND ${local.database_filter}"
      threshold = 0.9, duration = "900s", aligner = "ALIGN_MEAN", reducer = "REDUCE_MAX", severity = "WARNING"
    }
    database-disk = {
      summary   = "The database's disk is filling up"
      filter    = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" AND ${local.database_filter}"
      threshold = 0.85, duration = "600s", aligner = "ALIGN_MEAN", reducer = "REDUCE_MAX", severity = "ERROR"
    }
    dead-letters = {
      summary   = "Messages were dead-lettered"
      filter    = "metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.subscription_filter}"
      threshold = 0, duration = "0s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", severity = "WARNING"
    }
    errors-logged = {
      summary   = "A service logs errors"
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.errors.name}\" AND resource.type=\"cloud_run_revision\""
      threshold = 10, duration = "0s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", severity = "WARNING"
    }
    publish-failing = {
      summary   = "Web cannot publish jobs"
      filter    = "metric.type=\"pubsub.googleapis.com/topic/send_request_count\" AND ${local.topic_filter} AND metric.labels.response_class!=\"success\""
      threshold = 0, duration = "300s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", severity = "WARNING"
    }
    queue-age = {
      summary   = "Tasks wait too long"
      filter    = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.subscription_filter}"
      threshold = 900, duration = "300s", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", severity = "ERROR"
    }
    sweep-failing = {
      summary   = "The sweep fails"
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.sweep_failures.name}\" AND resource.type=\"cloud_scheduler_job\""
      threshold = 3, duration = "0s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", severity = "ERROR"
    }
    task-failures = {
      summary   = "Many tasks fail with the same error code"
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.task_failures.name}\" AND resource.type=\"${local.worker_resource}\""
      threshold = 20, duration = "0s", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", severity = "WARNING"
      group_by  = ["metric.label.code"]
    }
    tasks-failing = {
      summary     = "More than a fifth of the jobs fail for good"
      filter      = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.job_outcomes.name}\" AND resource.type=\"${local.worker_resource}\" AND metric.labels.outcome=\"failed\""
      denominator = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.job_outcomes.name}\" AND resource.type=\"${local.worker_resource}\" AND metric.labels.outcome=one_of(\"done\", \"failed\")"
      threshold   = 0.2, duration = "900s", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", severity = "ERROR"
    }
    web-cpu = {
      summary   = "Web is short of CPU"
      filter    = "metric.type=\"run.googleapis.com/container/cpu/utilizations\" AND ${local.web_filter}"
      threshold = 0.9, duration = "600s", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", severity = "WARNING"
    }
    web-failing = {
      summary     = "Web returns errors"
      filter      = "metric.type=\"run.googleapis.com/request_count\" AND ${local.web_filter} AND metric.labels.response_code_class=\"5xx\""
      denominator = "metric.type=\"run.googleapis.com/request_count\" AND ${local.web_filter}"
      threshold   = 0.05, duration = "300s", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", severity = "ERROR"
    }
    web-memory = {
      summary   = "Web is running out of memory"
      filter    = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.web_filter}"
      threshold = 0.9, duration = "300s", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", severity = "WARNING"
    }
    web-slow = {
      summary   = "Web is slow"
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.web_latency.name}\" AND resource.type=\"cloud_run_revision\""
      threshold = 2, duration = "600s", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", severity = "WARNING"
    }
  }
}

# Each condition costs money (docs/deploy.md); without a recipient there are none.
resource "google_monitoring_alert_policy" "this" {
  for_each = { for name, alert in local.alerts : name => alert if var.alert_email != null }

  display_name          = "${var.name}: ${each.key}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.notification_channels

  conditions {
    display_name = each.value.summary
    condition_threshold {
      filter             = each.value.filter
      denominator_filter = try(each.value.denominator, null)
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.threshold
      duration           = each.value.duration
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = try(each.value.group_by, null)
      }
      dynamic "denominator_aggregations" {
        for_each = can(each.value.denominator) ? [1] : []
        content {
          alignment_period     = "300s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
        }
      }
      trigger {
        count = 1
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "${each.value.summary}. What to do: docs/operations.md, \"${each.key}\"."
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.enabled, time_sleep.log_metrics]
}

resource "google_monitoring_alert_policy" "unreachable" {
  count = var.alert_email == null ? 0 : length(google_monitoring_uptime_check_config.web)

  display_name          = "${var.name}: web-unreachable"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.notification_channels

  conditions {
    display_name = "Web cannot be reached from outside"
    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.web[0].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "300s"
      # The number of locations where the check fails; a single one is usually a problem of the internet in between.
      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
      trigger {
        count = 1
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Web cannot be reached from outside. What to do: docs/operations.md, \"web-unreachable\"."
  }
}
