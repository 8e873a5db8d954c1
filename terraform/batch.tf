# batch: processes one job per pair of CPUs.

resource "google_service_account" "batch" {
  account_id   = "${var.name}-batch"
  display_name = "Cutroom: batch"
}

locals {
  # One x264 encode uses about two CPUs: more jobs would only slow each other down.
  batch_concurrency = max(1, floor(var.batch_cpu / 2))

  # Half of each job's share of the scratch space is for its outputs, half for copied sources and temporary files.
  batch_max_output_bytes = floor(var.batch_scratch_gib / local.batch_concurrency / 2 * 1024) * 1024 * 1024

  # An ephemeral disk is a feature in preview: the service must say that it uses one.
  scratch_launch_stage = var.batch_scratch_medium == "DISK" ? var.batch_scratch_launch_stage : "GA"

  # Settings of whatever works on jobs: the batch service, and the worker pool in its place.
  worker_env = {
    BATCH_CONCURRENCY      = tostring(local.batch_concurrency)
    DATABASE_USER          = local.database_users.batch
    FFMPEG_THREADS         = tostring(min(var.batch_cpu, 2))
    MEDIA_MAX_OUTPUT_BYTES = format("%d", local.batch_max_output_bytes)
    # Less than a job's share, so that a job that uses too much fails before the disk is full.
    MEDIA_MAX_SCRATCH_BYTES = format("%d", floor(local.batch_max_output_bytes * 1.9))
    # Of this, scratch space and the service itself take their parts, and jobs share the rest: batch does not start if they
    # do not fit.
    MEMORY_LIMIT_BYTES = format("%d", var.batch_memory_gib * 1024 * 1024 * 1024)
    SCRATCH_DIR        = "/scratch"
  }
}

resource "google_cloud_run_v2_service" "batch" {
  name     = "${var.name}-batch"
  location = var.region
  # Pub/Sub of the same project counts as internal, and so does traffic from the VPC network, which web's calls are
  # (web.tf). Nobody else reaches the service.
  ingress             = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  deletion_protection = var.deletion_protection
  launch_stage        = local.scratch_launch_stage
  # The audience of pushes: local.batch_url may differ in form from the URL that Cloud Run would expect.
  custom_audiences = [local.batch_url]

  # Kept warm for, and shared by, all revisions with traffic. Cloud Run always returns this block: undeclared, every plan
  # would remove it.
  scaling {
    min_instance_count = var.batch_min_instances
    max_instance_count = var.batch_max_instances
  }

  template {
    service_account = google_service_account.batch.email
    # One request is one job. Beyond this, Cloud Run starts another instance.
    max_instance_request_concurrency = local.batch_concurrency
    # The longest that Pub/Sub waits for a reply.
    timeout               = "600s"
    execution_environment = "EXECUTION_ENVIRONMENT_GEN2"

    scaling {
      # Each instance holds database connections: the rule is in variables.tf, database_max_connections.
      max_instance_count = var.batch_max_instances
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        network    = local.network
        subnetwork = local.subnetwork
      }
    }

    # In memory, its files count towards the memory limit below.
    volumes {
      name = "scratch"
      empty_dir {
        medium     = var.batch_scratch_medium
        size_limit = "${var.batch_scratch_gib}Gi"
      }
    }

    containers {
      name  = "batch"
      image = local.first_service_image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = tostring(var.batch_cpu)
          memory = "${var.batch_memory_gib}Gi"
        }
        # Billed by instance, CPU is always allocated, which the Cloud SQL connector's renewal of its certificate needs. Billed by request it
        # is not between requests: a push that meets an expired certificate is answered with 503, and is repeated after 10 s. Jobs run within
        # requests.
        cpu_idle          = var.batch_billing == "request"
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.shared_env, var.metrics ? { BATCH_METRICS_PORT = tostring(local.metrics_port) } : {}, local.worker_env, {
          PUSH_AUDIENCE = local.batch_url
          # Running instances also sweep for dead ones: a lease (30 s) plus this interval requeue a lost job within a
          # minute, which Cloud Scheduler, once a minute, could not.
          SWEEP_SECONDS = "15"
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

      # 4 minutes, as of web.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 120
        http_get {
          path = "/health/ready"
        }
      }
      # Lenient, because an encode keeps all CPUs busy and slows down the replies.
      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 10
        failure_threshold = 5
        http_get {
          path = "/health/live"
        }
      }
    }

    dynamic "containers" {
      for_each = var.metrics ? [local.collector_image] : []
      content {
        name       = "collector"
        image      = containers.value
        depends_on = ["batch"]

        resources {
          limits = {
            cpu    = tostring(local.collector_cpu)
            memory = "${local.collector_memory_mib}Mi"
          }
          cpu_idle = var.batch_billing == "request"
        }
        volume_mounts {
          name       = "collector"
          mount_path = "/etc/rungmp"
        }
      }
    }

    dynamic "volumes" {
      for_each = var.metrics ? [google_secret_manager_secret.collector["batch"].secret_id] : []
      content {
        name = "collector"
        secret {
          secret = volumes.value
          items {
            version = "latest"
            path    = "config.yaml"
          }
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
    google_secret_manager_secret_iam_member.collector,
    google_secret_manager_secret_iam_member.headers,
    google_secret_manager_secret_iam_member.smtp,
    google_secret_manager_secret_version.collector,
    google_secret_manager_secret_version.headers,
    google_sql_user.iam,
  ]
}

# Pub/Sub may call batch, to push jobs.
resource "google_cloud_run_v2_service_iam_member" "batch_invoker" {
  name     = google_cloud_run_v2_service.batch.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.push.member
}

# Web may call batch, for dry runs.
resource "google_cloud_run_v2_service_iam_member" "web_calls_batch" {
  name     = google_cloud_run_v2_service.batch.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.web.member
}
