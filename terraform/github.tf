# Lets the workflows of one GitHub repository start builds, without a key: GitHub signs a token that says which repository and
# branch it runs for, and Google exchanges it. .github/workflows/deploy.yml is such a workflow.

resource "google_iam_workload_identity_pool" "github" {
  count = var.github_repository == null ? 0 : 1

  workload_identity_pool_id = "${var.name}-github"
  display_name              = "${var.name}: GitHub"

  depends_on = [google_project_service.enabled]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count = var.github_repository == null ? 0 : 1

  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"

  # Without the condition, every repository on GitHub could sign in. The environment is the one that deploy.yml names: who may
  # use it, and from which branches, is set in the repository.
  attribute_condition = "assertion.repository == \"${var.github_repository}\" && assertion.environment == \"${local.github_environment}\""
  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

locals {
  github_environment = var.name
}

resource "google_service_account" "github" {
  count = var.github_repository == null ? 0 : 1

  account_id   = "${var.name}-github"
  display_name = "Cutroom: GitHub starts builds"
}

resource "google_service_account_iam_member" "github_signs_in" {
  count = var.github_repository == null ? 0 : 1

  service_account_id = google_service_account.github[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.repository/${var.github_repository}"
}

# Starting a build: to create it, to upload its sources, to act as its identity, to read its log.
resource "google_project_iam_member" "github" {
  for_each = var.github_repository == null ? [] : toset([
    "roles/cloudbuild.builds.editor",
    "roles/serviceusage.serviceUsageConsumer",
  ])

  project = var.project_id
  role    = each.key
  member  = google_service_account.github[0].member
}

resource "google_storage_bucket_iam_member" "github_uploads" {
  count = var.github_repository == null ? 0 : 1

  bucket = google_storage_bucket.builds.name
  role   = "roles/storage.admin"
  member = google_service_account.github[0].member
}

resource "google_service_account_iam_member" "github_acts_as_build" {
  count = var.github_repository == null ? 0 : 1

  service_account_id = google_service_account.build.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.github[0].member
}
