# Cloud SQL for Postgres: private IP address, no passwords, point-in-time recovery for a week.

resource "google_sql_database_instance" "main" {
  name                = "${var.name}-db"
  database_version    = var.database_version
  region              = var.region
  deletion_protection = var.deletion_protection

  settings {
    # The default is ENTERPRISE_PLUS from Postgres 16 on, which has other tiers and prices.
    edition           = "ENTERPRISE"
    tier              = var.database_tier
    availability_type = var.database_availability
    disk_type         = "PD_SSD"
    disk_size         = var.database_disk_gib
    disk_autoresize   = true
    # Limits the cost of a table that grows out of control.
    disk_autoresize_limit = var.database_disk_gib * 10
    # deletion_protection above only affects Terraform; this also protects against the console and gcloud.
    deletion_protection_enabled = var.deletion_protection
    user_labels                 = local.labels
    # Only the connector's connections, which an IAM identity has authorised, are accepted.
    connector_enforcement = "REQUIRED"

    ip_configuration {
      ipv4_enabled    = false
      private_network = local.network
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "02:00"
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = var.database_backups
      }
    }

    maintenance_window {
      day          = 7
      hour         = 3
      update_track = "stable"
    }

    insights_config {
      query_insights_enabled = true
    }

    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }
    database_flags {
      name  = "max_connections"
      value = tostring(var.database_max_connections)
    }
    # A transaction left open by a lost instance would hold its row locks indefinitely.
    database_flags {
      name  = "idle_in_transaction_session_timeout"
      value = "60000"
    }
    database_flags {
      name  = "log_min_duration_statement"
      value = "1000"
    }
  }

  # The size grows automatically.
  lifecycle {
    ignore_changes = [settings[0].disk_size]
  }

  depends_on = [google_service_networking_connection.services]
}

resource "google_sql_database" "main" {
  name     = var.name
  instance = google_sql_database_instance.main.name
  # Postgres refuses to drop a database with open connections; it is deleted with the instance.
  deletion_policy = "ABANDON"
}

locals {
  # The identities that may log in to Postgres. A service account's database user is its e-mail without the suffix.
  database_accounts = {
    batch   = google_service_account.batch.email
    migrate = google_service_account.migrate.email
    web     = google_service_account.web.email
  }
  database_users = { for name, email in local.database_accounts : name => trimsuffix(email, ".gserviceaccount.com") }
}

resource "google_sql_user" "iam" {
  for_each = local.database_users

  name     = each.value
  instance = google_sql_database_instance.main.name
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
  # In a new database, only members of this role may create tables. The services' users are granted what they need by
  # the migration.
  database_roles = each.key == "migrate" ? ["cloudsqlsuperuser"] : null
  # A user that owns tables cannot be dropped; it is deleted with the instance.
  deletion_policy = "ABANDON"

  # Changing the roles of an existing user would take away those that were granted in the database.
  lifecycle {
    ignore_changes = [database_roles]
  }
}

locals {
  # https://cloud.google.com/sql/docs/postgres/iam-conditions
  this_instance = "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/${var.project_id}/instances/${google_sql_database_instance.main.name}\""
}

# Allows finding the instance and connecting to it, and to no other.
resource "google_project_iam_member" "cloudsql_client" {
  for_each = local.database_accounts

  project = var.project_id
  role    = "roles/cloudsql.client"
  member  = "serviceAccount:${each.value}"

  condition {
    title      = "${var.name}-db"
    expression = local.this_instance
  }

  # A changed condition is another grant: the new one comes before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}

# Allows logging in with an IAM identity.
resource "google_project_iam_member" "cloudsql_login" {
  for_each = local.database_accounts

  project = var.project_id
  role    = "roles/cloudsql.instanceUser"
  member  = "serviceAccount:${each.value}"

  condition {
    title      = "${var.name}-db"
    expression = local.this_instance
  }

  lifecycle {
    create_before_destroy = true
  }
}
