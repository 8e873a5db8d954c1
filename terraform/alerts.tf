# One line of the table is one alert. docs/operations.md has a paragraph for each, under the same name.

locals {
  of_web          = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${google_cloud_run_v2_service.web.name}\""
  of_batch        = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${google_cloud_run_v2_service.batch.name}\""
  of_services     = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=starts_with(\"${var.name}-\")"
  of_database     = "resource.type=\"cloudsql_database\" AND resource.labels.database_id=\"${var.project_id}:${google_sql_database_instance.main.name}\""
  of_subscription = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.jobs.name}\""
  of_topic        = "resource.type=\"pubsub_topic\" AND resource.labels.topic_id=\"${google_pubsub_topic.jobs.name}\""

  # above: the limit; lasting: how long it must last; align: how the points of one series become one;
  # reduce: how series become one; of: what the first is divided by, where the limit is a share.
  alerts = {
    batch-failing = {
      says   = "Batch answers with errors"
      filter = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_batch} AND metric.labels.response_code_class=\"5xx\""
      of     = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_batch}"
      above  = 0.05, lasting = "600s", align = "ALIGN_RATE", reduce = "REDUCE_SUM", severity = "ERROR"
    }
    batch-memory = {
      says   = "Batch is running out of memory, scratch space included"
      filter = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.of_batch}"
      above  = 0.9, lasting = "300s", align = "ALIGN_PERCENTILE_99", reduce = "REDUCE_MAX", severity = "WARNING"
    }
    database-connections = {
      says   = "The database is running out of connections"
      filter = "metric.type=\"cloudsql.googleapis.com/database/postgresql/num_backends\" AND ${local.of_database}"
      above  = floor(0.8 * var.database_max_connections), lasting = "300s", align = "ALIGN_MAX", reduce = "REDUCE_SUM", severity = "ERROR"
    }
    database-cpu = {
      says   = "The database is busy"
      filter = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" AND ${local.of_database}"
      above  = 0.9, lasting = "900s", align = "ALIGN_MEAN", reduce = "REDUCE_MAX", severity = "WARNING"
    }
    database-disk = {
      says   = "The database's disk is filling up"
      filter = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" AND ${local.of_database}"
      above  = 0.85, lasting = "600s", align = "ALIGN_MEAN", reduce = "REDUCE_MAX", severity = "ERROR"
    }
    dead-letters = {
      says   = "Messages were given up"
      filter = "metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.of_subscription}"
      above  = 0, lasting = "0s", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", severity = "WARNING"
    }
    errors-logged = {
      says   = "A service logs errors"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.errors.name}\" AND resource.type=\"cloud_run_revision\""
      above  = 10, lasting = "0s", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", severity = "WARNING"
    }
    publish-failing = {
      says   = "Web cannot ring the doorbell"
      filter = "metric.type=\"pubsub.googleapis.com/topic/send_request_count\" AND ${local.of_topic} AND metric.labels.response_class!=\"success\""
      above  = 0, lasting = "300s", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", severity = "WARNING"
    }
    queue-age = {
      says   = "Tasks wait too long"
      filter = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.of_subscription}"
      above  = 900, lasting = "300s", align = "ALIGN_MAX", reduce = "REDUCE_MAX", severity = "ERROR"
    }
    sweep-failing = {
      says   = "The sweep does not run"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.sweep_failures.name}\" AND resource.type=\"cloud_scheduler_job\""
      above  = 3, lasting = "0s", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", severity = "ERROR"
    }
    web-cpu = {
      says   = "Web is short of CPU"
      filter = "metric.type=\"run.googleapis.com/container/cpu/utilizations\" AND ${local.of_web}"
      above  = 0.9, lasting = "600s", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", severity = "WARNING"
    }
    web-failing = {
      says   = "Web answers with errors"
      filter = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_web} AND metric.labels.response_code_class=\"5xx\""
      of     = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_web}"
      above  = 0.05, lasting = "300s", align = "ALIGN_RATE", reduce = "REDUCE_SUM", severity = "ERROR"
    }
    web-memory = {
      says   = "Web is running out of memory"
      filter = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.of_web}"
      above  = 0.9, lasting = "300s", align = "ALIGN_PERCENTILE_99", reduce = "REDUCE_MAX", severity = "WARNING"
    }
    web-slow = {
      says   = "Web answers slowly"
      filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.web_latency.name}\" AND resource.type=\"cloud_run_revision\""
      above  = 2, lasting = "600s", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", severity = "WARNING"
    }
  }
}

# Each condition costs money (docs/deploy.md); where nobody is told there are none.
resource "google_monitoring_alert_policy" "this" {
  for_each = { for name, alert in local.alerts : name => alert if var.alert_email != null }

  display_name          = "${var.name}: ${each.key}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.notification_channels

  conditions {
    display_name = each.value.says
    condition_threshold {
      filter             = each.value.filter
      denominator_filter = try(each.value.of, null)
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.above
      duration           = each.value.lasting
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.align
        cross_series_reducer = each.value.reduce
      }
      dynamic "denominator_aggregations" {
        for_each = can(each.value.of) ? [1] : []
        content {
          alignment_period     = "300s"
          per_series_aligner   = each.value.align
          cross_series_reducer = each.value.reduce
        }
      }
      trigger {
        count = 1
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "${each.value.says}. What to do: docs/operations.md, \"${each.key}\"."
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.enabled]
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
      # How many places of the world see it fail: one alone is the internet's weather.
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
