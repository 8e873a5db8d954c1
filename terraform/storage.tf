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

locals {
  # The prefixes of services/shared; objects outside of them are closed to both services. Listing is checked on the bucket
  # itself. https://cloud.google.com/iam/docs/conditions-resource-attributes
  media_prefixes = ["tasks/", "uploads/"]
  media_objects = join(" || ", concat(
    ["resource.type == \"storage.googleapis.com/Bucket\""],
    [for prefix in local.media_prefixes : "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.media.name}/objects/${prefix}\")"],
  ))
}

resource "google_storage_bucket_iam_member" "media" {
  for_each = {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  }

  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectUser"
  member = each.value

  condition {
    title      = "${var.name}-media"
    expression = local.media_objects
  }

  # A changed condition is another grant: the new one comes before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}
