# web: the REST API. Media bytes bypass it where possible.

resource "google_service_account" "web" {
  account_id   = "${var.name}-web"
  display_name = "Cutroom: web"
}

# Signs URLs without a key file, with IAM's signBlob. https://cloud.google.com/storage/docs/access-control/signed-urls
resource "google_service_account_iam_member" "web_signs_as_itself" {
  service_account_id = google_service_account.web.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.web.member
}

resource "google_cloud_run_v2_service" "web" {
  name                = "${var.name}-web"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = var.deletion_protection
  # Accepts calls without a Google identity. Not a grant to allUsers, which organisations with domain restricted sharing
  # refuse.
  invoker_iam_disabled = var.web_public

  # Kept warm for, and shared by, all revisions with traffic. Cloud Run always returns this block: undeclared, every plan
  # would remove it.
  scaling {
    min_instance_count = var.web_min_instances
    max_instance_count = var.web_max_instances
  }

  template {
    service_account                  = google_service_account.web.email
    max_instance_request_concurrency = var.web_concurrency
    # A progress stream is one long response; clients reconnect after this.
    timeout = "900s"

    scaling {
      max_instance_count = var.web_max_instances
    }

    # All traffic goes through the VPC network: batch only accepts calls from it, and a run.app URL resolves to a public
    # address. Google's APIs and Cloud Run services are reached by Private Google Access (network.tf); the rest of the
    # internet is not, and web does not need it. If it ever does, add Cloud NAT.
    # https://cloud.google.com/run/docs/securing/private-networking
    vpc_access {
      egress = "ALL_TRAFFIC"
      network_interfaces {
        network    = local.network
        subnetwork = local.subnetwork
      }
    }

    containers {
      name  = "web"
      image = local.first_service_image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = tostring(var.web_cpu)
          memory = "${var.web_memory_mib}Mi"
        }
        # CPU is always allocated: the Cloud SQL connector renews its certificates in the background and fails when
        # throttled. https://github.com/GoogleCloudPlatform/cloud-sql-nodejs-connector/issues/285
        cpu_idle          = false
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.shared_env, var.metrics ? { METRICS_PORT = tostring(local.metrics_port) } : {}, {
          BATCH_URL     = local.batch_url
          DATABASE_USER = local.database_users.web
          # Every batch instance runs two dry runs.
          DRY_RUN_CONCURRENCY = tostring(2 * var.batch_max_instances)
          # Each event stream takes one of an instance's concurrent requests; half remain for all others.
          EVENT_STREAMS_MAX = tostring(max(1, floor(var.web_concurrency / 2)))
          PASSWORD_POLICY   = "strict"
          PUSH_AUDIENCE     = local.batch_url
          # Rate limits count the address that this many proxies report.
          TRUST_PROXY = tostring(var.trust_proxy)
        })
        content {
          name  = env.key
          value = env.value
        }
      }
      env {
        name = "JWT_SECRET"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.jwt.secret_id
            version = "latest"
          }
        }
      }
      env {
        name = "SECRETS_KEY"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.headers.secret_id
            version = "latest"
          }
        }
      }

      # 4 minutes, the most that is allowed: connections from the VPC network can take more than one to be established.
      # https://cloud.google.com/run/docs/configuring/vpc-direct-vpc
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 120
        http_get {
          path = "/health/ready"
        }
      }
      liveness_probe {
        period_seconds    = 15
        timeout_seconds   = 5
        failure_threshold = 4
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
        depends_on = ["web"]

        resources {
          limits = {
            cpu    = tostring(local.collector_cpu)
            memory = "${local.collector_memory_mib}Mi"
          }
          cpu_idle = false
        }
        volume_mounts {
          name       = "collector"
          mount_path = "/etc/rungmp"
        }
      }
    }

    dynamic "volumes" {
      for_each = var.metrics ? [google_secret_manager_secret.collector["web"].secret_id] : []
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

  # The build deploys images and moves traffic, and a rollback must survive the next apply.
  lifecycle {
    ignore_changes = [client, client_version, template[0].containers[0].image, template[0].revision, traffic]
  }

  depends_on = [
    google_project_iam_member.cloudsql_client,
    google_project_iam_member.cloudsql_login,
    google_secret_manager_secret_iam_member.collector,
    google_secret_manager_secret_iam_member.headers,
    google_secret_manager_secret_iam_member.jwt,
    google_secret_manager_secret_version.collector,
    google_secret_manager_secret_version.headers,
    google_secret_manager_secret_version.jwt,
    google_sql_user.iam,
  ]
}
