# Values that docs/deploy.md needs, in alphabetical order.

output "batch_service" {
  description = "Name of the batch service."
  value       = google_cloud_run_v2_service.batch.name
}

output "bucket" {
  description = "Bucket of uploads and outputs."
  value       = google_storage_bucket.media.name
}

output "build_bucket" {
  description = "Bucket of build sources and build logs."
  value       = google_storage_bucket.builds.name
}

output "build_service_account" {
  description = "Full resource name of the Cloud Build service account."
  value       = google_service_account.build.id
}

output "dashboard" {
  description = "URL of the dashboard."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${reverse(split("/", google_monitoring_dashboard.main.id))[0]}?project=${var.project_id}"
}

output "database_instance" {
  description = "Name of the Cloud SQL instance."
  value       = google_sql_database_instance.main.name
}

output "dead_letters" {
  description = "Pull subscription with a copy of the dead letters."
  value       = google_pubsub_subscription.dead_letters_kept.name
}

output "github_service_account" {
  description = "Service account that GitHub's workflows act as; null without github_repository."
  value       = one(google_service_account.github[*].email)
}

output "github_workload_identity_provider" {
  description = "Full resource name of the provider by which GitHub's workflows sign in; null without github_repository."
  value       = one(google_iam_workload_identity_pool_provider.github[*].name)
}

output "headers_secret" {
  description = "Secret that holds the key that encrypts request headers."
  value       = google_secret_manager_secret.headers.secret_id
}

output "image_repository" {
  description = "Docker repository of the images."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "jwt_secret" {
  description = "Secret that holds the key that signs logins."
  value       = google_secret_manager_secret.jwt.secret_id
}

output "long_jobs" {
  description = "Name of the Cloud Run job for long jobs; null without long_job_executions."
  value       = one(google_cloud_run_v2_job.long_jobs[*].name)
}

output "migrate_job" {
  description = "Name of the migration job."
  value       = google_cloud_run_v2_job.migrate.name
}

output "url" {
  description = "Public URL of web."
  value       = local.web_url
}

output "web_service" {
  description = "Name of the web service."
  value       = google_cloud_run_v2_service.web.name
}

output "worker_pool" {
  description = "Name of the worker pool; null without worker_pool_instances."
  value       = one(google_cloud_run_v2_worker_pool.worker[*].name)
}
