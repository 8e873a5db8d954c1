# One page that answers: is it up, is it keeping pace, what is it short of?

locals {
  # Each tile: title, filter, aligner, reducer, unit, and what to split by.
  tiles = [
    { title = "Oldest waiting job (s)", filter = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.of_subscription}", align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = [] },
    { title = "Waiting jobs", filter = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.of_subscription}", align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = [] },
    { title = "Pushes by reply", filter = "metric.type=\"pubsub.googleapis.com/subscription/push_request_count\" AND ${local.of_subscription}", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = ["metric.label.response_code"] },
    { title = "Dead letters", filter = "metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.of_subscription}", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = [] },
    { title = "Instances", filter = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.of_services}", align = "ALIGN_MAX", reduce = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.state"] },
    { title = "Requests by class", filter = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_services}", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.response_code_class"] },
    { title = "Web latency, 95 % (s)", filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.web_latency.name}\" AND resource.type=\"cloud_run_revision\"", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", by = [] },
    { title = "Errors logged", filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.errors.name}\" AND resource.type=\"cloud_run_revision\"", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = ["metric.label.service"] },
    { title = "CPU, 95 %", filter = "metric.type=\"run.googleapis.com/container/cpu/utilizations\" AND ${local.of_services}", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", by = ["resource.label.service_name"] },
    { title = "Memory, 99 %", filter = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.of_services}", align = "ALIGN_PERCENTILE_99", reduce = "REDUCE_MAX", by = ["resource.label.service_name"] },
    { title = "Database connections (of ${var.database_max_connections})", filter = "metric.type=\"cloudsql.googleapis.com/database/postgresql/num_backends\" AND ${local.of_database}", align = "ALIGN_MAX", reduce = "REDUCE_SUM", by = [] },
    { title = "Database CPU", filter = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" AND ${local.of_database}", align = "ALIGN_MEAN", reduce = "REDUCE_MAX", by = [] },
    { title = "Database disk", filter = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" AND ${local.of_database}", align = "ALIGN_MEAN", reduce = "REDUCE_MAX", by = [] },
    { title = "Publishes by reply", filter = "metric.type=\"pubsub.googleapis.com/topic/send_request_count\" AND ${local.of_topic}", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = ["metric.label.response_class"] },
    { title = "Bytes in the bucket", filter = "metric.type=\"storage.googleapis.com/storage/v2/total_bytes\" AND resource.type=\"gcs_bucket\" AND resource.labels.bucket_name=\"${google_storage_bucket.media.name}\"", align = "ALIGN_MEAN", reduce = "REDUCE_SUM", by = [] },
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
                    perSeriesAligner   = tile.align
                    crossSeriesReducer = tile.reduce
                    groupByFields      = tile.by
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
