# Names and URLs that more than one file needs.

data "google_project" "this" {
  project_id = var.project_id
}

locals {
  labels = merge({ app = var.name }, var.labels)

  # Cloud Run's deterministic URLs are known before the services exist, so that each service can be configured with
  # its own: https://cloud.google.com/run/docs/triggering/https-request#deterministic
  run_domain = "${data.google_project.this.number}.${var.region}.run.app"
  web_url    = coalesce(var.public_url, "https://${var.name}-web-${local.run_domain}")
  batch_url  = "https://${var.name}-batch-${local.run_domain}"
  sweep_url  = "https://${var.name}-sweep-${local.run_domain}"

  # Known before the services exist, for what must not wait for them.
  service_names = { for service in ["batch", "sweep", "web"] : service => "${var.name}-${service}" }

  # Settings of all services.
  shared_env = merge({
    AUDIT_DAYS           = tostring(var.audit_retention_days)
    BUCKET               = google_storage_bucket.media.name
    CLOUD_SQL_INSTANCE   = google_sql_database_instance.main.connection_name
    CLOUD_SQL_IP_TYPE    = "PRIVATE"
    DATABASE_NAME        = google_sql_database.main.name
    DATABASE_POOL_MAX    = tostring(var.database_pool_max)
    GOOGLE_CLOUD_PROJECT = var.project_id
    LOG_LEVEL            = var.log_level
    OUTPUT_DAYS          = tostring(var.output_retention_days)
    PUBLIC_URL           = local.web_url
    PUBSUB_TOPIC         = google_pubsub_topic.jobs.name
    QUEUE                = "pubsub"
    STORAGE              = "gcs"
    UPLOAD_DAYS          = tostring(var.upload_retention_days)
    # Who may do what at batch and sweep: web asks for dry runs, Pub/Sub pushes jobs and dead letters, Cloud Scheduler starts
    # sweeps.
    DRY_RUN_SERVICE_ACCOUNTS = google_service_account.web.email
    PUSH_SERVICE_ACCOUNTS    = google_service_account.push.email
    SWEEP_SERVICE_ACCOUNTS   = google_service_account.scheduler.email
    # Omitted rather than empty: an empty value tends to show up as a change in every plan.
    },
    var.mail_from == "" ? {} : { EMAIL_VERIFICATION = "required", MAIL_FROM = var.mail_from },
    var.traces ? { OTEL_EXPORTER_OTLP_ENDPOINT = "https://telemetry.googleapis.com" } : {},
    # Who has more time than a push. A dry run then tells of no limit.
    local.is_pool ? { LONG_JOBS = "pull" } : {},
    local.has_long_jobs ? {
      LONG_JOBS           = "projects/${var.project_id}/locations/${var.region}/jobs/${local.long_jobs_name}"
      LONG_JOB_EXECUTIONS = tostring(var.long_job_executions)
    } : {},
  )

  # Secrets of batch, in whichever form it runs, by setting.
  secret_env = merge(
    { SECRETS_KEY = google_secret_manager_secret.headers.secret_id },
    var.mail_from == "" ? {} : { SMTP_URL = google_secret_manager_secret.smtp[0].secret_id },
  )

  # Instances of batch's size: of the service, of the pool, and of the job for long jobs.
  batch_instances = var.batch_max_instances + var.worker_pool_instances + var.long_job_executions

  # What Cloud Run may use at most, which it compares with the quota of the region: web, batch_instances and the sweep.
  run_cpu = (
    var.web_max_instances * var.web_cpu + local.batch_instances * var.batch_cpu + 1
    + local.collectors * local.collector_cpu
  )
  run_memory_gib = ceil(
    var.web_max_instances * var.web_memory_mib / 1024 + local.batch_instances * var.batch_memory_gib + 0.5
    + local.collectors * local.collector_memory_mib / 1024
  )

  # Services and job start with Google's sample images, which answer 200 on every path. The first build replaces
  # them, and Terraform ignores the image from then on.
  first_service_image = "us-docker.pkg.dev/cloudrun/container/hello:latest"
  first_job_image     = "us-docker.pkg.dev/cloudrun/container/job:latest"
  first_worker_image  = "us-docker.pkg.dev/cloudrun/container/worker-pool:latest"
}
