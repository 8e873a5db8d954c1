# The sweep: rings what was not heard, takes back what was dropped, removes what is left over.

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  display_name = "Cutroom: what Cloud Scheduler shows batch"
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "${var.name}-sweep"
  region           = var.region
  schedule         = var.sweep_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "180s"

  http_target {
    http_method = "POST"
    uri         = "${local.batch_url}/sweep"
    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.batch_url
    }
  }

  # The next minute tries again anyway.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.batch_invokers]
}
