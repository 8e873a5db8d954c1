# The identity and the log bucket of Cloud Build. The steps are in cloudbuild.yaml.

resource "google_service_account" "build" {
  account_id   = "${var.name}-build"
  display_name = "Cutroom: Cloud Build"
}

resource "google_storage_bucket" "builds" {
  name                        = "${var.project_id}-${var.name}-builds"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 14
      matches_prefix = ["source/"]
    }
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 365
      matches_prefix = ["logs/"]
    }
  }

  depends_on = [google_project_service.enabled]
}

# Cloud Build requires this role on its log bucket.
resource "google_storage_bucket_iam_member" "build_logs" {
  bucket = google_storage_bucket.builds.name
  role   = "roles/storage.admin"
  member = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build_pushes" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

resource "google_cloud_run_v2_service_iam_member" "build_deploys" {
  for_each = {
    batch = google_cloud_run_v2_service.batch.name
    sweep = google_cloud_run_v2_service.sweep.name
    web   = google_cloud_run_v2_service.web.name
  }

  name     = each.value
  location = var.region
  role     = "roles/run.developer"
  member   = google_service_account.build.member
}

resource "google_cloud_run_v2_worker_pool_iam_member" "build_deploys" {
  count = local.is_pool ? 1 : 0

  name     = google_cloud_run_v2_worker_pool.worker[0].name
  location = var.region
  role     = "roles/run.developer"
  member   = google_service_account.build.member
}

# The build asks new revisions of a private web whether they work.
resource "google_cloud_run_v2_service_iam_member" "build_calls_web" {
  name     = google_cloud_run_v2_service.web.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.build.member
}

resource "google_cloud_run_v2_job_iam_member" "build_migrates" {
  name     = google_cloud_run_v2_job.migrate.name
  location = var.region
  role     = "roles/run.developer"
  member   = google_service_account.build.member
}

# gcloud polls the long-running operation of a deployment, which is checked on the project.
resource "google_project_iam_member" "build_reads_run" {
  project = var.project_id
  role    = "roles/run.viewer"
  member  = google_service_account.build.member
}

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# Deploying a service requires acting as its identity.
resource "google_service_account_iam_member" "build_acts_as" {
  for_each = {
    batch   = google_service_account.batch.name
    migrate = google_service_account.migrate.name
    web     = google_service_account.web.name
  }

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.build.member
}

# The canary counts errors in the logs; the vulnerability gate scans images.
resource "google_project_iam_member" "build_judges" {
  for_each = toset(["roles/logging.viewer", "roles/ondemandscanning.admin"])

  project = var.project_id
  role    = each.key
  member  = google_service_account.build.member
}

# To ask a private web whether it works, the build signs in as itself.
resource "google_service_account_iam_member" "build_signs_in_as_itself" {
  service_account_id = google_service_account.build.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = google_service_account.build.member
}
