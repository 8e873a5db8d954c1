# In alphabetical order. A variable without a default is required.

variable "alert_email" {
  description = "E-mail address that receives alerts; null creates no alerts."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@\\s]+@[^@\\s]+$", var.alert_email))
    error_message = "alert_email: must be one e-mail address, or null."
  }
}

variable "audit_retention_days" {
  description = "Days after which audit events are deleted."
  type        = number
  default     = 90

  validation {
    condition     = var.audit_retention_days >= 1
    error_message = "audit_retention_days: must be 1 or more."
  }
}

variable "batch_billing" {
  description = "How Cloud Run bills batch: instance, for as long as an instance lives, or request, for as long as it has requests, at a higher price. With few tasks, request costs a tenth and less."
  type        = string
  default     = "instance"

  validation {
    condition     = contains(["instance", "request"], var.batch_billing)
    error_message = "batch_billing: must be instance or request."
  }
  validation {
    condition     = var.batch_billing == "instance" || var.batch_min_instances == 0
    error_message = "batch_billing: request, with batch_min_instances above 0, would pay for instances that are kept without CPU."
  }
}

variable "batch_cpu" {
  description = "CPUs of one batch instance. Every two CPUs process one job."
  type        = number
  default     = 4

  validation {
    condition     = contains([1, 2, 4, 6, 8], var.batch_cpu)
    error_message = "batch_cpu: Cloud Run supports 1, 2, 4, 6 or 8."
  }
}

variable "batch_max_instances" {
  description = "Maximum number of batch instances; times batch_cpu / 2, the maximum number of concurrent jobs."
  type        = number
  default     = 3

  validation {
    condition     = var.batch_max_instances >= 1 && var.batch_max_instances <= 100
    error_message = "batch_max_instances: must be between 1 and 100."
  }
}

variable "batch_memory_gib" {
  description = "Memory of one batch instance in GiB, scratch space in memory included."
  type        = number
  default     = 12

  validation {
    condition     = var.batch_memory_gib <= 4 * var.batch_cpu && var.batch_memory_gib >= var.batch_cpu / 2
    error_message = "batch_memory_gib: Cloud Run requires between 0.5 and 4 GiB per CPU."
  }
}

variable "batch_min_instances" {
  description = "Batch instances that are kept warm. 0 costs nothing when idle."
  type        = number
  default     = 0

  validation {
    condition     = var.batch_min_instances >= 0 && var.batch_min_instances <= var.batch_max_instances
    error_message = "batch_min_instances: must be between 0 and batch_max_instances."
  }
}

variable "batch_scratch_gib" {
  description = "Scratch space of one batch instance in GiB, shared by all its jobs. It is part of the memory unless batch_scratch_medium is DISK."
  type        = number
  default     = 6

  validation {
    condition     = var.batch_scratch_gib >= 1 && var.batch_memory_gib - (var.batch_scratch_medium == "DISK" ? 0 : var.batch_scratch_gib) >= max(2, var.batch_cpu)
    error_message = "batch_scratch_gib: at least 1, and must leave 1 GiB of batch_memory_gib per CPU, and at least 2 GiB."
  }
}

variable "batch_scratch_launch_stage" {
  description = "Launch stage that Cloud Run asks for where batch_scratch_medium is DISK: BETA, or GA as soon as ephemeral disks have left the preview."
  type        = string
  default     = "BETA"

  validation {
    condition     = contains(["ALPHA", "BETA", "GA"], var.batch_scratch_launch_stage)
    error_message = "batch_scratch_launch_stage: must be ALPHA, BETA or GA."
  }
}

variable "batch_scratch_medium" {
  description = "MEMORY, or DISK for an ephemeral disk, of which a new project has 10 GB an instance and 100 GB a region."
  type        = string
  default     = "MEMORY"

  validation {
    condition     = contains(["DISK", "MEMORY"], var.batch_scratch_medium)
    error_message = "batch_scratch_medium: must be MEMORY or DISK."
  }
}

variable "billing_account" {
  description = "Billing account of the budget, such as 012345-6789AB-CDEF01; required with budget_units."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account: must be three groups of six characters, as shown by `gcloud billing accounts list`."
  }
  validation {
    condition     = var.budget_units == null || var.billing_account != null
    error_message = "billing_account: required when budget_units is set."
  }
}

variable "bucket_name" {
  description = "Globally unique name of the media bucket; null derives it from project and name."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name: must be 3 to 63 characters of a-z, 0-9, dot, dash and underscore."
  }
}

variable "budget_units" {
  description = "Expected monthly cost in the currency of the billing account; null creates no budget."
  type        = number
  default     = null

  validation {
    condition     = var.budget_units == null || try(var.budget_units > 0 && floor(var.budget_units) == var.budget_units, false)
    error_message = "budget_units: must be a whole number above 0, or null."
  }
}

variable "cors_origins" {
  description = "Additional web origins whose pages may upload and play; the service's own is always allowed."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "cors_origins: must be scheme and host without a path, such as https://clips.example.com."
  }
}

variable "database_availability" {
  description = "ZONAL, or REGIONAL for a standby in another zone at twice the price."
  type        = string
  default     = "ZONAL"

  validation {
    condition     = contains(["REGIONAL", "ZONAL"], var.database_availability)
    error_message = "database_availability: must be ZONAL or REGIONAL."
  }
}

variable "database_backups" {
  description = "Number of daily backups to keep."
  type        = number
  default     = 7

  validation {
    condition     = var.database_backups >= 7 && var.database_backups <= 365
    error_message = "database_backups: must be between 7, to reach as far back as the transaction logs, and 365."
  }
}

variable "database_disk_gib" {
  description = "Initial disk size of the database in GiB. It grows automatically, up to ten times as much."
  type        = number
  default     = 10

  validation {
    condition     = var.database_disk_gib >= 10
    error_message = "database_disk_gib: Cloud SQL requires 10 or more."
  }
}

variable "database_max_connections" {
  description = "Maximum number of Postgres connections. All instances together must fit in."
  type        = number
  default     = 200

  # Each instance holds its pool and one connection for LISTEN. While one revision replaces another, both run.
  # 20 stay free: Postgres reserves 3, the rest is for the sweep, the migration and operators.
  validation {
    condition = (
      2 * (var.web_max_instances + local.batch_instances) * (var.database_pool_max + 1)
      <= var.database_max_connections - 20
    )
    error_message = "database_max_connections: 2 x (web_max_instances + batch_max_instances + worker_pool_instances + long_job_executions) x (database_pool_max + 1) + 20 connections must fit in. Lower a maximum or the pool, or raise this with a larger tier."
  }
}

variable "database_pool_max" {
  description = "Connection pool size of each instance."
  type        = number
  default     = 6

  validation {
    condition     = var.database_pool_max >= 2 && var.database_pool_max <= 50
    error_message = "database_pool_max: must be between 2 and 50."
  }
}

variable "database_tier" {
  description = "Machine type of the database: db-f1-micro, db-g1-small or db-custom-<CPUs>-<MiB>."
  type        = string
  default     = "db-custom-1-3840"

  validation {
    condition     = can(regex("^db-(f1-micro|g1-small|custom-[0-9]+-[0-9]+)$", var.database_tier))
    error_message = "database_tier: must be db-f1-micro, db-g1-small or db-custom-<CPUs>-<MiB>."
  }
}

variable "database_version" {
  description = "Postgres version."
  type        = string
  default     = "POSTGRES_17"

  validation {
    condition     = contains(["POSTGRES_15", "POSTGRES_16", "POSTGRES_17", "POSTGRES_18"], var.database_version)
    error_message = "database_version: must be POSTGRES_15, POSTGRES_16, POSTGRES_17 or POSTGRES_18."
  }
}

variable "deletion_protection" {
  description = "Prevents database, services and bucket from being destroyed. Set it to false before a tear-down."
  type        = bool
  default     = true
}

variable "generate_secrets" {
  description = "Whether the apply makes up the first values of the secrets. false for an installation whose secrets were added by hand."
  type        = bool
  default     = true
}

variable "github_repository" {
  description = "GitHub repository, as owner/name, whose workflows on its default branch may build and deploy; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[\\w.-]+/[\\w.-]+$", var.github_repository))
    error_message = "github_repository: must be owner/name."
  }
}

variable "labels" {
  description = "Labels of the database instance, in addition to app; all other resources get those of the provider."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels: keys and values must be at most 63 lower-case letters, digits, dashes and underscores."
  }
}

variable "log_level" {
  description = "Minimum log level of the services."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "error", "info", "warn"], var.log_level)
    error_message = "log_level: must be error, warn, info or debug."
  }
}

variable "long_job_executions" {
  description = "Executions at a time of a Cloud Run job, of batch's size, for jobs of more than 8 minutes; it runs only when there are any. 0: they are refused."
  type        = number
  default     = 0

  validation {
    condition     = var.long_job_executions >= 0 && var.long_job_executions <= 20
    error_message = "long_job_executions: must be between 0 and 20."
  }
  validation {
    condition     = var.long_job_executions == 0 || var.worker_pool_instances == 0
    error_message = "long_job_executions: a worker pool has the time for all jobs; set this to 0, or worker_pool_instances."
  }
}

variable "mail_from" {
  description = "Sender address of e-mails about finished tasks and about accounts, whose addresses must then be verified; the mail server's URL is a secret. Empty disables e-mail."
  type        = string
  default     = ""

  validation {
    condition     = var.mail_from == "" || can(regex("^[^@\\s]+@[^@\\s]+$", var.mail_from))
    error_message = "mail_from: must be one e-mail address, or empty."
  }
}

variable "metrics" {
  description = "Whether a collector beside web and batch sends their metrics to Managed Prometheus. It adds 1 vCPU and 512 MiB to each instance."
  type        = bool
  default     = false
}

variable "name" {
  description = "Prefix of all resource names, so that one project can hold two installations."
  type        = string
  default     = "cutroom"

  # The longest service account name adds -scheduler, and account names have at most 30 characters.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: must be 3 to 20 characters of a-z, 0-9 and dash, starting with a letter."
  }
}

variable "network" {
  description = "Existing VPC network, as projects/PROJECT/global/networks/NAME, that is peered with servicenetworking.googleapis.com; null creates one."
  type        = string
  default     = null
}

variable "output_retention_days" {
  description = "Days after which outputs are deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.output_retention_days >= 1
    error_message = "output_retention_days: must be 1 or more."
  }
}

variable "project_id" {
  description = "Google Cloud project id."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id: must be the id, not the name or the number; see `gcloud projects list`."
  }
}

variable "public_url" {
  description = "Public URL of web when a domain is mapped to it; null uses Cloud Run's URL."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null || can(regex("^https://[^/]+$", var.public_url))
    error_message = "public_url: must be https:// and a host, without a trailing slash."
  }
}

variable "quota_cpu" {
  description = "vCPUs that Cloud Run may use in the region; a new project has 20. IAM & Admin > Quotas: CpuAllocPerProjectRegion."
  type        = number
  default     = 20

  validation {
    condition     = local.run_cpu <= var.quota_cpu
    error_message = "quota_cpu: at most ${local.run_cpu} vCPUs would run, and the quota is ${var.quota_cpu}. Lower batch_max_instances, batch_cpu or web_max_instances, or raise this after Google has raised the quota."
  }
}

variable "quota_memory_gib" {
  description = "GiB of memory that Cloud Run may use in the region; a new project has 40. IAM & Admin > Quotas: MemAllocPerProjectRegion."
  type        = number
  default     = 40

  validation {
    condition     = local.run_memory_gib <= var.quota_memory_gib
    error_message = "quota_memory_gib: at most ${local.run_memory_gib} GiB would run, and the quota is ${var.quota_memory_gib}. Lower batch_max_instances or batch_memory_gib, or raise this after Google has raised the quota."
  }
}

variable "region" {
  description = "Region of all resources."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region: must be a region such as europe-west1, not a zone."
  }
}

variable "subnet_range" {
  description = "IP range of the Cloud Run instances in the VPC network."
  type        = string
  default     = "10.8.0.0/24"

  validation {
    condition     = can(cidrhost(var.subnet_range, 0)) && try(tonumber(split("/", var.subnet_range)[1]) <= 26, false)
    error_message = "subnet_range: must be an IPv4 range of /26 or wider."
  }
}

variable "subnetwork" {
  description = "Existing subnetwork of network, in the region, with Private Google Access, as projects/PROJECT/regions/REGION/subnetworks/NAME; null creates one."
  type        = string
  default     = null

  validation {
    condition     = (var.subnetwork == null) == (var.network == null)
    error_message = "subnetwork: set both network and subnetwork, or neither."
  }
}

variable "sweep_schedule" {
  description = "Cron schedule of the sweep. A job whose message was lost waits at most this long."
  type        = string
  default     = "* * * * *"

  validation {
    condition     = length(split(" ", var.sweep_schedule)) == 5
    error_message = "sweep_schedule: must have five fields, as in * * * * *."
  }
}

variable "traces" {
  description = "Whether web and batch send traces to Cloud Trace."
  type        = bool
  default     = false
}

variable "trust_proxy" {
  description = "Proxies in front of web that append to X-Forwarded-For: 1 for Cloud Run alone, 2 with an external Application Load Balancer before it."
  type        = number
  default     = 1

  validation {
    condition     = var.trust_proxy >= 1
    error_message = "trust_proxy: must be 1 or more; Cloud Run itself is one."
  }
}

variable "upload_retention_days" {
  description = "Days after which uploaded sources are deleted."
  type        = number
  default     = 7

  validation {
    condition     = var.upload_retention_days >= 1
    error_message = "upload_retention_days: must be 1 or more."
  }
}

variable "web_concurrency" {
  description = "Concurrent requests per web instance. A client that streams progress holds one."
  type        = number
  default     = 80

  validation {
    condition     = var.web_concurrency >= 1 && var.web_concurrency <= 1000
    error_message = "web_concurrency: must be between 1 and 1000."
  }
}

variable "web_cpu" {
  description = "CPUs of one web instance."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2, 4], var.web_cpu)
    error_message = "web_cpu: must be 1, 2 or 4."
  }
}

variable "web_max_instances" {
  description = "Maximum number of web instances."
  type        = number
  default     = 3

  validation {
    condition     = var.web_max_instances >= 1 && var.web_max_instances <= 100
    error_message = "web_max_instances: must be between 1 and 100."
  }
}

variable "web_memory_mib" {
  description = "Memory of one web instance in MiB. Multipart uploads pass through it in part."
  type        = number
  default     = 512

  # Instances with CPU always allocated require 512 MiB or more.
  validation {
    condition     = var.web_memory_mib >= 512 && var.web_memory_mib <= 8192
    error_message = "web_memory_mib: must be between 512 and 8192."
  }
}

variable "web_min_instances" {
  description = "Web instances that are kept warm. 0 costs nothing when idle, but the first request waits for an instance."
  type        = number
  default     = 0

  validation {
    condition     = var.web_min_instances >= 0 && var.web_min_instances <= var.web_max_instances
    error_message = "web_min_instances: must be between 0 and web_max_instances."
  }
}

variable "web_public" {
  description = "Whether web accepts calls from anyone; the API has its own logins. false additionally requires a Google identity."
  type        = bool
  default     = true
}

variable "worker_pool_instances" {
  description = "Instances of a worker pool, of batch's size, that works on all jobs in place of pushes: for sustained work, and for jobs of more than 8 minutes. 0: no pool."
  type        = number
  default     = 0

  validation {
    condition     = var.worker_pool_instances >= 0 && var.worker_pool_instances <= 100
    error_message = "worker_pool_instances: must be between 0 and 100."
  }
}
