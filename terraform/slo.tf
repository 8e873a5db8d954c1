# What users may expect, over 28 days, and alerts when the failures that this allows are used up too fast: in a day or two
# (burning) at the rate of the last hour, and still so in the last five minutes.
# https://cloud.google.com/stackdriver/docs/solutions/slo-monitoring/alerting-on-budget-burn-rate

locals {
  job_outcomes = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.job_outcomes.name}\" AND resource.type=\"${local.worker_resource}\""

  task_times = { for name, metric in google_logging_metric.task_times :
    name => "metric.type=\"logging.googleapis.com/user/${metric.name}\" AND resource.type=\"${local.worker_resource}\""
  }

  # Each entry is an objective with its alert: a share of what is good or bad, or of the times that are at most `within` seconds.
  # docs/operations.md has a section for each, under the same name.
  objectives = {
    pace-burning = {
      summary = "Tasks that take at most two minutes for each minute of their outputs"
      goal    = 0.95
      times   = local.task_times["pace"]
      within  = 120
    }
    tasks-burning = {
      summary = "Jobs that end without failing for good"
      goal    = 0.95
      good    = "${local.job_outcomes} AND metric.labels.outcome=\"done\""
      bad     = "${local.job_outcomes} AND metric.labels.outcome=\"failed\""
    }
    wait-burning = {
      summary = "Tasks that start within a minute of their creation"
      goal    = 0.95
      times   = local.task_times["wait"]
      within  = 60
    }
    web-burning = {
      summary = "Requests to web that are not answered with 5xx"
      goal    = 0.995
      good    = "metric.type=\"run.googleapis.com/request_count\" AND ${local.web_filter} AND metric.labels.response_code_class!=\"5xx\""
      bad     = "metric.type=\"run.googleapis.com/request_count\" AND ${local.web_filter} AND metric.labels.response_code_class=\"5xx\""
    }
  }
  burn_rate    = 14.4
  burn_windows = ["3600s", "300s"]
}

resource "google_monitoring_custom_service" "cutroom" {
  count = var.alert_email == null ? 0 : 1

  service_id   = var.name
  display_name = "Cutroom (${var.name})"

  depends_on = [google_project_service.enabled]
}

resource "google_monitoring_slo" "objective" {
  for_each = { for name, objective in local.objectives : name => objective if var.alert_email != null }

  service             = google_monitoring_custom_service.cutroom[0].service_id
  slo_id              = each.key
  display_name        = each.value.summary
  goal                = each.value.goal
  rolling_period_days = 28

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = can(each.value.good) ? [1] : []
      content {
        good_service_filter = each.value.good
        bad_service_filter  = each.value.bad
      }
    }
    dynamic "distribution_cut" {
      for_each = can(each.value.times) ? [1] : []
      content {
        distribution_filter = each.value.times
        range {
          min = 0
          max = each.value.within
        }
      }
    }
  }

  depends_on = [time_sleep.log_metrics]
}

resource "google_monitoring_alert_policy" "burning" {
  for_each = google_monitoring_slo.objective

  display_name          = "${var.name}: ${each.key}"
  combiner              = "AND"
  severity              = "ERROR"
  notification_channels = local.notification_channels

  dynamic "conditions" {
    for_each = local.burn_windows
    content {
      display_name = "${each.value.display_name}: too few, over ${conditions.value}"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${each.value.name}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = local.burn_rate
        duration        = "0s"
        trigger {
          count = 1
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "${each.value.display_name}: too few. What to do: docs/operations.md, \"${each.key}\"."
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
