# The sweep: republishes jobs whose messages were lost, requeues jobs of dead workers, deletes expired files. It runs batch's
# image in a separate small service billed by request: a call every minute would keep one of batch's large instances
# running all the time, and an instance busy with media could not answer. Dead letters are pushed here for the same reasons.

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  display_name = "Cutroom: Cloud Scheduler calls the sweep"
}

resource "google_cloud_run_v2_service" "sweep" {
  name                = "${var.name}-sweep"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  deletion_protection = var.deletion_protection
  custom_audiences    = [local.sweep_url]

  # Kept warm for, and shared by, all revisions with traffic. Cloud Run always returns this block: undeclared, every plan
  # would remove it.
  scaling {
    min_instance_count = 0
    max_instance_count = 1
  }

  template {
    service_account                  = google_service_account.batch.email
    max_instance_request_concurrency = 10
    timeout                          = "180s"

    scaling {
      max_instance_count = 1
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        network    = local.network
        subnetwork = local.subnetwork
      }
    }

    containers {
      image = local.first_service_image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "1"
          memory = "512Mi"
        }
        # CPU is throttled between requests, which can delay the renewal of the database certificate. The next call, a
        # minute later, recovers from that, and nobody waits for a sweep.
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.shared_env, {
          DATABASE_POOL_MAX = "2"
          DATABASE_USER     = local.database_users.batch
          # It runs no jobs, so there is no memory to divide among them.
          MEDIA_MAX_MEMORY_BYTES = "0"
          PUSH_AUDIENCE          = local.sweep_url
        })
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = local.secret_env
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }

      # 4 minutes, as of web.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 120
        http_get {
          path = "/health/ready"
        }
      }
      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 10
        failure_threshold = 5
        http_get {
          path = "/health/live"
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version, template[0].containers[0].image, template[0].revision, traffic]
  }

  depends_on = [
    google_project_iam_member.cloudsql_client,
    google_project_iam_member.cloudsql_login,
    google_secret_manager_secret_iam_member.headers,
    google_secret_manager_secret_iam_member.smtp,
    google_secret_manager_secret_version.headers,
    google_sql_user.iam,
  ]
}

# Cloud Scheduler may call the sweep, and Pub/Sub, to push dead letters.
resource "google_cloud_run_v2_service_iam_member" "sweep_invokers" {
  for_each = {
    push      = google_service_account.push.member
    scheduler = google_service_account.scheduler.member
  }

  name     = google_cloud_run_v2_service.sweep.name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "${var.name}-sweep"
  region           = var.region
  schedule         = var.sweep_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "180s"

  http_target {
    http_method = "POST"
    uri         = "${local.sweep_url}/sweep"
    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.sweep_url
    }
  }

  # The next minute is the retry.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.sweep_invokers]
}
