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
