# The outputs of the module, in alphabetical order. The same file in every environment.

output "batch_service" {
  description = "Name of the batch service."
  value       = module.cutroom.batch_service
}

output "bucket" {
  description = "Bucket of uploads and outputs."
  value       = module.cutroom.bucket
}

output "build_bucket" {
  description = "Bucket of build sources and build logs."
  value       = module.cutroom.build_bucket
}

output "build_service_account" {
  description = "Full resource name of the Cloud Build service account."
  value       = module.cutroom.build_service_account
}

output "dashboard" {
  description = "URL of the dashboard."
  value       = module.cutroom.dashboard
}

output "database_instance" {
  description = "Name of the Cloud SQL instance."
  value       = module.cutroom.database_instance
}

output "dead_letters" {
  description = "Pull subscription with a copy of the dead letters."
  value       = module.cutroom.dead_letters
}

output "github_service_account" {
  description = "Service account that GitHub's workflows act as; null without github_repository."
  value       = module.cutroom.github_service_account
}

output "github_workload_identity_provider" {
  description = "Full resource name of the provider by which GitHub's workflows sign in; null without github_repository."
  value       = module.cutroom.github_workload_identity_provider
}

output "headers_secret" {
  description = "Secret that holds the key that encrypts request headers."
  value       = module.cutroom.headers_secret
}

output "image_repository" {
  description = "Docker repository of the images."
  value       = module.cutroom.image_repository
}

output "jwt_secret" {
  description = "Secret that holds the key that signs logins."
  value       = module.cutroom.jwt_secret
}

output "long_jobs" {
  description = "Name of the Cloud Run job for long jobs; null without long_job_executions."
  value       = module.cutroom.long_jobs
}

output "migrate_job" {
  description = "Name of the migration job."
  value       = module.cutroom.migrate_job
}

output "url" {
  description = "Public URL of web."
  value       = module.cutroom.url
}

output "web_service" {
  description = "Name of the web service."
  value       = module.cutroom.web_service
}

output "worker_pool" {
  description = "Name of the worker pool; null without worker_pool_instances."
  value       = module.cutroom.worker_pool
}
