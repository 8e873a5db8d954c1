# The Cloud Run job for jobs that are too long for a push: batch's image and sizes, with hours in place of minutes. The sweep runs
# it when such jobs wait. An execution claims jobs of any length until none is left, and costs nothing otherwise. Only with
# long_job_executions.

locals {
  has_long_jobs = var.long_job_executions > 0
  # Known before it exists, for the settings of the services.
  long_jobs_name = "${var.name}-long-jobs"

  # An execution claims nothing after the first of them, so that every attempt has this time.
  long_attempt_seconds   = 42000
  long_execution_seconds = 86400
}

resource "google_cloud_run_v2_job" "long_jobs" {
  count = local.has_long_jobs ? 1 : 0

  name         = local.long_jobs_name
  location     = var.region
  launch_stage = local.scratch_launch_stage

  # It holds no data, and goes when long_job_executions is set back to 0.
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.batch.email
      timeout         = "${local.long_execution_seconds}s"
      # A worker ends with an error when it reaches neither the database nor the bucket, as can be while its network is being
      # attached.
      max_retries           = 3
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"

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
        image = local.first_job_image

        resources {
          limits = {
            cpu    = tostring(var.batch_cpu)
            memory = "${var.batch_memory_gib}Gi"
          }
        }

        dynamic "env" {
          for_each = merge(local.shared_env, local.worker_env, {
            JOB_DEADLINE_SECONDS = tostring(local.long_attempt_seconds)
            # Cloud Run tells only services that they run in the cloud.
            LOG_FORMAT             = "json"
            MEDIA_DEADLINE_SECONDS = tostring(local.long_attempt_seconds - 100)
            WORKER_MODE            = "job"
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
  }

  lifecycle {
    ignore_changes = [client, client_version, template[0].template[0].containers[0].image]
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

# The sweep, in whichever service, may run it.
resource "google_cloud_run_v2_job_iam_member" "batch_runs_long_jobs" {
  count = local.has_long_jobs ? 1 : 0

  name     = google_cloud_run_v2_job.long_jobs[0].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.batch.member
}

resource "google_cloud_run_v2_job_iam_member" "build_deploys_long_jobs" {
  count = local.has_long_jobs ? 1 : 0

  name     = google_cloud_run_v2_job.long_jobs[0].name
  location = var.region
  role     = "roles/run.developer"
  member   = google_service_account.build.member
}
