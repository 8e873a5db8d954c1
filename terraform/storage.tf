# The bucket of sources and outputs. Clients reach it with signed links only.

resource "google_storage_bucket" "media" {
  name                        = coalesce(var.bucket_name, "${var.project_id}-${var.name}")
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # What was removed by mistake can be brought back for a week.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  # Browsers PUT uploads and read outputs with signed links from the page's address.
  cors {
    origin          = distinct(concat([local.web_url], var.cors_origins))
    method          = ["GET", "HEAD", "PUT", "POST", "OPTIONS"]
    response_header = ["Content-Type", "Content-Range", "ETag", "Location", "Range", "x-goog-resumable"]
    max_age_seconds = 3600
  }

  # The sweep removes what has had its days, and spares what a waiting task still needs. These two rules come a week
  # later, for what the sweep does not know: the litter of attempts that did not finish, rows that were restored.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.upload_retention_days + 7
      matches_prefix = ["uploads/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.output_retention_days + 7
      matches_prefix = ["tasks/"]
    }
  }

  # An upload in parts that was never finished is invisible and still costs.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  depends_on = [google_project_service.enabled]
}

resource "google_storage_bucket_iam_member" "media" {
  for_each = {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  }

  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectUser"
  member = each.value
}
