# The places for secrets. Their values are added by hand (docs/deploy.md), so that no state file ever holds one.

# Two, so that batch, which opens strangers' files, never holds the key that signs logins.
resource "google_secret_manager_secret" "jwt" {
  for_each = toset(["batch", "web"])

  secret_id = "${var.name}-${each.key}-jwt"
  replication {
    auto {}
  }

  depends_on = [google_project_service.enabled]
}

resource "google_secret_manager_secret_iam_member" "jwt" {
  for_each = {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  }

  secret_id = google_secret_manager_secret.jwt[each.key].id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value
}

# The mail server with its password, such as smtps://user:password@mail.example.org. Web only asks whether there is one,
# which MAIL_FROM tells it. Cloud Run lets nothing out to port 25: use 465 or 587.
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
