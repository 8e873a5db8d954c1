# The migration: a job of its own identity, run by the build before the services change.

resource "google_service_account" "migrate" {
  account_id   = "${var.name}-migrate"
  display_name = "Cutroom: migrations"
}

resource "google_cloud_run_v2_job" "migrate" {
  name                = "${var.name}-migrate"
  location            = var.region
  deletion_protection = var.deletion_protection

  template {
    template {
      service_account = google_service_account.migrate.email
      # A migration that failed wants eyes, not a second try.
      max_retries = 0
      timeout     = "600s"

      vpc_access {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = google_compute_network.main.id
          subnetwork = google_compute_subnetwork.run.id
        }
      }

      containers {
        image   = local.first_job_image
        command = ["node"]
        args    = ["dist/scripts/migrate.js"]

        resources {
          limits = {
            cpu    = "1"
            memory = "512Mi"
          }
        }

        dynamic "env" {
          for_each = merge(local.shared_env, {
            DATABASE_USER = local.database_users.migrate
          })
          content {
            name  = env.key
            value = env.value
          }
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
    google_sql_user.iam,
  ]
}
