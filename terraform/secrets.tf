# Secrets. Their first values are made up during the apply and written without being kept: neither plan nor state contains
# them. Later ones are added with gcloud (docs/deploy.md, "Rotate secrets").

# Signs logins. Web alone holds it: batch, which processes untrusted files, signs nothing.
resource "google_secret_manager_secret" "jwt" {
  secret_id = "${var.name}-web-jwt"
  replication {
    auto {}
  }

  depends_on = [google_project_service.enabled]
}

resource "google_secret_manager_secret_iam_member" "jwt" {
  secret_id = google_secret_manager_secret.jwt.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.web.member
}

ephemeral "random_password" "jwt" {
  count = var.generate_secrets ? 1 : 0

  length  = 64
  special = false
}

resource "google_secret_manager_secret_version" "jwt" {
  count = var.generate_secrets ? 1 : 0

  secret                 = google_secret_manager_secret.jwt.id
  secret_data_wo         = ephemeral.random_password.jwt[0].result
  secret_data_wo_version = 1
  deletion_policy        = "ABANDON"

  # Rotation disables it.
  lifecycle {
    ignore_changes = [enabled]
  }
}

# In version 0.2 batch had a key of its own.
moved {
  from = google_secret_manager_secret.jwt["web"]
  to   = google_secret_manager_secret.jwt
}

moved {
  from = google_secret_manager_secret_iam_member.jwt["web"]
  to   = google_secret_manager_secret_iam_member.jwt
}

# Web encrypts the request headers of users' sources and the credentials of their destinations with it, batch decrypts them.
resource "google_secret_manager_secret" "headers" {
  secret_id = "${var.name}-headers"
  replication {
    auto {}
  }

  depends_on = [google_project_service.enabled]
}

# 32 characters are the 32 bytes of the key.
ephemeral "random_password" "headers" {
  count = var.generate_secrets ? 1 : 0

  length  = 32
  special = false
}

resource "google_secret_manager_secret_version" "headers" {
  count = var.generate_secrets ? 1 : 0

  secret                 = google_secret_manager_secret.headers.id
  secret_data_wo         = base64encode(ephemeral.random_password.headers[0].result)
  secret_data_wo_version = 1
  deletion_policy        = "ABANDON"

  lifecycle {
    ignore_changes = [enabled]
  }
}

resource "google_secret_manager_secret_iam_member" "headers" {
  for_each = {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  }

  secret_id = google_secret_manager_secret.headers.id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value
}

# The URL of the mail server with its password, such as smtps://user:password@mail.example.org. Web does not need it: MAIL_FROM
# tells it whether e-mail is available. Cloud Run blocks port 25: use 465 or 587.
resource "google_secret_manager_secret" "smtp" {
  count = var.mail_from == "" ? 0 : 1

  secret_id = "${var.name}-smtp"
  replication {
    auto {}
  }

  depends_on = [google_project_service.enabled]
}

resource "google_secret_manager_secret_iam_member" "smtp" {
  count = var.mail_from == "" ? 0 : 1

  secret_id = google_secret_manager_secret.smtp[0].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.batch.member
}
