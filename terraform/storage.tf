# The bucket of uploads and outputs. Clients access it by signed URLs only.

resource "google_storage_bucket" "media" {
  name                        = coalesce(var.bucket_name, "${var.project_id}-${var.name}")
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # Objects deleted by mistake can be restored for a week.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  # Browsers PUT uploads and GET outputs by signed URL from these origins.
  cors {
    origin          = distinct(concat([local.web_url], var.cors_origins))
    method          = ["GET", "HEAD", "PUT", "POST", "OPTIONS"]
    response_header = ["Content-Type", "Content-Range", "ETag", "Location", "Range", "x-goog-resumable"]
    max_age_seconds = 3600
  }

  # The sweep deletes expired objects, except those that an unfinished task still needs. These two rules follow a week
  # later, for objects the sweep does not know: orphans of unfinished attempts, objects whose rows a restore has lost.
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

  # An unfinished multipart upload is invisible but costs money.
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
