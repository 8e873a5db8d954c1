# One dashboard: is it up, does it keep pace, what does it run out of?

locals {
  # One chart per entry; group_by splits it into several lines.
  tiles = [
    { title = "Oldest waiting job (s)", filter = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.subscription_filter}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = [] },
    { title = "Waiting jobs", filter = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.subscription_filter}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = [] },
    { title = "Pushes by reply", filter = "metric.type=\"pubsub.googleapis.com/subscription/push_request_count\" AND ${local.subscription_filter}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["metric.label.response_code"] },
    { title = "Dead letters", filter = "metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.subscription_filter}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Instances", filter = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.services_filter}", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name", "metric.label.state"] },
    { title = "Requests by class", filter = "metric.type=\"run.googleapis.com/request_count\" AND ${local.services_filter}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name", "metric.label.response_code_class"] },
    { title = "Web latency, 95 % (s)", filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.web_latency.name}\" AND resource.type=\"cloud_run_revision\"", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", group_by = [] },
    { title = "Errors logged", filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.errors.name}\" AND resource.type=\"cloud_run_revision\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["metric.label.service"] },
    { title = "CPU, 95 %", filter = "metric.type=\"run.googleapis.com/container/cpu/utilizations\" AND ${local.services_filter}", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", group_by = ["resource.label.service_name"] },
    { title = "Memory, 99 %", filter = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.services_filter}", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", group_by = ["resource.label.service_name"] },
    { title = "Database connections (of ${var.database_max_connections})", filter = "metric.type=\"cloudsql.googleapis.com/database/postgresql/num_backends\" AND ${local.database_filter}", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Database CPU", filter = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" AND ${local.database_filter}", aligner = "ALIGN_MEAN", reducer = "REDUCE_MAX", group_by = [] },
    { title = "Database disk", filter = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" AND ${local.database_filter}", aligner = "ALIGN_MEAN", reducer = "REDUCE_MAX", group_by = [] },
    { title = "Publishes by reply", filter = "metric.type=\"pubsub.googleapis.com/topic/send_request_count\" AND ${local.topic_filter}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["metric.label.response_class"] },
    { title = "Bytes in the bucket", filter = "metric.type=\"storage.googleapis.com/storage/v2/total_bytes\" AND resource.type=\"gcs_bucket\" AND resource.labels.bucket_name=\"${google_storage_bucket.media.name}\"", aligner = "ALIGN_MEAN", reducer = "REDUCE_SUM", group_by = [] },
  ]
}

resource "google_monitoring_dashboard" "main" {
  dashboard_json = jsonencode({
    displayName = "Cutroom (${var.name})"
    mosaicLayout = {
      columns = 12
      tiles = [for index, tile in local.tiles : {
        xPos   = (index % 3) * 4
        yPos   = floor(index / 3) * 3
        width  = 4
        height = 3
        widget = {
          title = tile.title
          xyChart = {
            dataSets = [{
              plotType   = "LINE"
              targetAxis = "Y1"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = tile.filter
                  aggregation = {
                    alignmentPeriod    = "60s"
                    perSeriesAligner   = tile.aligner
                    crossSeriesReducer = tile.reducer
                    groupByFields      = tile.group_by
                  }
                }
              }
            }]
          }
        }
      }]
    }
  })

  depends_on = [google_project_service.enabled]
}
