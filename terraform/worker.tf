# The worker pool: batch's image without a port. Each instance claims jobs from Postgres by itself, so that neither the
# deadline of a push nor Pub/Sub's back-off limits it. Only with worker_pool_instances; nothing is pushed to batch then, which
# keeps answering dry runs.

locals {
  is_pool         = var.worker_pool_instances > 0
  worker_resource = local.is_pool ? "cloud_run_worker_pool" : "cloud_run_revision"
}

resource "google_cloud_run_v2_worker_pool" "worker" {
  count = local.is_pool ? 1 : 0

  name         = "${var.name}-worker"
  location     = var.region
  launch_stage = local.scratch_launch_stage

  # It holds no data, and goes when worker_pool_instances is set back to 0.
  deletion_protection = false

  # All of them are billed at all times. https://cloud.google.com/run/docs/configuring/workerpools/manual-scaling
  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = var.worker_pool_instances
  }

  template {
    service_account = google_service_account.batch.email

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        network    = local.network
        subnetwork = local.subnetwork
      }
    }

    volumes {
      name = "scratch"
      empty_dir {
        medium     = var.batch_scratch_medium
        size_limit = "${var.batch_scratch_gib}Gi"
      }
    }

    containers {
      image = local.first_worker_image

      resources {
        limits = {
          cpu    = tostring(var.batch_cpu)
          memory = "${var.batch_memory_gib}Gi"
        }
      }

      dynamic "env" {
        for_each = merge(local.shared_env, local.worker_env, {
          # Cloud Run tells only services that they run in the cloud.
          LOG_FORMAT = "json"
          # As of batch: a lost job is requeued within a minute.
          SWEEP_SECONDS = "15"
          WORKER_MODE   = "pull"
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

      volume_mounts {
        name       = "scratch"
        mount_path = "/scratch"
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version, template[0].containers[0].image, template[0].revision]
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
