# The migration: a job with its own identity, run by the build before new revisions are deployed.

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
      # A failed migration needs a person to look at it, not a second attempt.
      max_retries = 0
      timeout     = "600s"

      vpc_access {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = local.network
          subnetwork = local.subnetwork
        }
      }

      containers {
        image   = local.first_job_image
        command = ["sh", "-euc"]
        # Tables belong to the migration user, which then grants each service what it needs
        # (services/shared/database/privileges.ts).
        args = [join(" ", [
          "node dist/services/ops/migrate.js &&",
          "node dist/services/ops/grant.js 'batch=${local.database_users.batch}' 'web=${local.database_users.web}'",
        ])]

        resources {
          limits = {
            cpu    = "1"
            memory = "512Mi"
          }
        }

        dynamic "env" {
          for_each = {
            CLOUD_SQL_INSTANCE = google_sql_database_instance.main.connection_name
            CLOUD_SQL_IP_TYPE  = "PRIVATE"
            DATABASE_NAME      = google_sql_database.main.name
            DATABASE_USER      = local.database_users.migrate
            LOG_FORMAT         = "json"
          }
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
