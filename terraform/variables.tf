# Alphabetical. What has no default must be given.

variable "alert_email" {
  description = "Who is told when something is wrong; null tells nobody and makes no alerts."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@\\s]+@[^@\\s]+$", var.alert_email))
    error_message = "alert_email: give one e-mail address, or null."
  }
}

variable "batch_cpu" {
  description = "CPUs of one batch instance. Every two of them work on one job."
  type        = number
  default     = 4

  validation {
    condition     = contains([1, 2, 4, 6, 8], var.batch_cpu)
    error_message = "batch_cpu: Cloud Run has 1, 2, 4, 6 or 8."
  }
}

variable "batch_max_instances" {
  description = "Ceiling of batch instances, and so of jobs at a time (times batch_cpu / 2)."
  type        = number
  default     = 5

  validation {
    condition     = var.batch_max_instances >= 1 && var.batch_max_instances <= 100
    error_message = "batch_max_instances: from 1 to 100."
  }
}

variable "batch_memory_gib" {
  description = "Memory of one batch instance, scratch space included."
  type        = number
  default     = 16

  validation {
    condition     = var.batch_memory_gib <= 4 * var.batch_cpu && var.batch_memory_gib >= var.batch_cpu / 2
    error_message = "batch_memory_gib: Cloud Run wants between half a GiB and 4 GiB for each CPU."
  }
}

variable "batch_min_instances" {
  description = "Batch instances that are kept warm. 0 costs nothing at rest."
  type        = number
  default     = 0

  validation {
    condition     = var.batch_min_instances >= 0 && var.batch_min_instances <= var.batch_max_instances
    error_message = "batch_min_instances: from 0 to batch_max_instances."
  }
}

variable "batch_scratch_gib" {
  description = "Scratch space of one batch instance. It is memory, and shared by its jobs."
  type        = number
  default     = 10

  validation {
    condition     = var.batch_scratch_gib >= 1 && var.batch_memory_gib - var.batch_scratch_gib >= max(1, var.batch_cpu)
    error_message = "batch_scratch_gib: leave ffmpeg 1 GiB of batch_memory_gib for each CPU."
  }
}

variable "billing_account" {
  description = "Billing account of the budget, such as 012345-6789AB-CDEF01; needed with budget_units."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account: three groups of six, as `gcloud billing accounts list` shows them."
  }
  validation {
    condition     = var.budget_units == null || var.billing_account != null
    error_message = "billing_account: needed when budget_units is given."
  }
}

variable "bucket_name" {
  description = "Name of the bucket of media, unique in the world; null makes it from project and name."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name: 3 to 63 of a-z, 0-9, dot, dash and underscore."
  }
}

variable "budget_units" {
  description = "Expected cost of a month, in the billing account's currency; null makes no budget."
  type        = number
  default     = null

  validation {
    condition     = var.budget_units == null || try(var.budget_units > 0 && floor(var.budget_units) == var.budget_units, false)
    error_message = "budget_units: a whole number above 0, or null."
  }
}

variable "cors_origins" {
  description = "Further web addresses whose pages may upload and play; the service's own is always in."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "cors_origins: scheme and host without a path, such as https://clips.example.com."
  }
}

variable "database_availability" {
  description = "ZONAL, or REGIONAL for a standby in another zone at twice the price."
  type        = string
  default     = "ZONAL"

  validation {
    condition     = contains(["REGIONAL", "ZONAL"], var.database_availability)
    error_message = "database_availability: ZONAL or REGIONAL."
  }
}

variable "database_backups" {
  description = "Daily backups that are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.database_backups >= 7 && var.database_backups <= 365
    error_message = "database_backups: from 7, so that they reach as far back as the transaction logs, to 365."
  }
}

variable "database_disk_gib" {
  description = "Disk of the database at the start. It grows by itself, up to ten times as much."
  type        = number
  default     = 10

  validation {
    condition     = var.database_disk_gib >= 10
    error_message = "database_disk_gib: Cloud SQL wants 10 or more."
  }
}

variable "database_max_connections" {
  description = "Connections Postgres takes. The ceilings of instances must fit in."
  type        = number
  default     = 200

  # Each instance holds its pool and one connection that listens. While a revision replaces another, both run.
  # 20 stay free: Postgres keeps 3 for itself, the rest is for the sweep, the migration and people.
  validation {
    condition = (
      2 * (var.web_max_instances + var.batch_max_instances) * (var.database_pool_max + 1)
      <= var.database_max_connections - 20
    )
    error_message = "database_max_connections: 2 x (web_max_instances + batch_max_instances) x (database_pool_max + 1) + 20 connections must fit in. Lower a ceiling or the pool, or raise this with a larger tier."
  }
}

variable "database_pool_max" {
  description = "Connections each instance may hold."
  type        = number
  default     = 6

  validation {
    condition     = var.database_pool_max >= 2 && var.database_pool_max <= 50
    error_message = "database_pool_max: from 2 to 50."
  }
}

variable "database_tier" {
  description = "Machine of the database: db-f1-micro, db-g1-small or db-custom-<CPUs>-<MiB>."
  type        = string
  default     = "db-custom-1-3840"

  validation {
    condition     = can(regex("^db-(f1-micro|g1-small|custom-[0-9]+-[0-9]+)$", var.database_tier))
    error_message = "database_tier: db-f1-micro, db-g1-small or db-custom-<CPUs>-<MiB>."
  }
}

variable "database_version" {
  description = "Version of Postgres."
  type        = string
  default     = "POSTGRES_17"

  validation {
    condition     = contains(["POSTGRES_15", "POSTGRES_16", "POSTGRES_17"], var.database_version)
    error_message = "database_version: POSTGRES_15, POSTGRES_16 or POSTGRES_17."
  }
}

variable "deletion_protection" {
  description = "Keeps database, services and bucket from being destroyed. Set it to false before a tear-down."
  type        = bool
  default     = true
}

variable "labels" {
  description = "Labels for everything that can have labels, beside app."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels: lower-case letters, digits, dash and underscore, at most 63 of them."
  }
}

variable "log_level" {
  description = "Least severity that the services log."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "error", "info", "warn"], var.log_level)
    error_message = "log_level: error, warn, info or debug."
  }
}

variable "mail_from" {
  description = "Sender of mails about tasks that have ended; the mail server's address is a secret. Empty: no mail."
  type        = string
  default     = ""

  validation {
    condition     = var.mail_from == "" || can(regex("^[^@\\s]+@[^@\\s]+$", var.mail_from))
    error_message = "mail_from: give one e-mail address, or an empty text."
  }
}

variable "name" {
  description = "First part of every name, so that two can live in one project."
  type        = string
  default     = "cutroom"

  # The longest service account adds -scheduler; an account's name has 30 characters at most.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: 3 to 20 of a-z, 0-9 and dash, a letter first."
  }
}

variable "output_retention_days" {
  description = "Days after which outputs are deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.output_retention_days >= 1
    error_message = "output_retention_days: 1 or more."
  }
}

variable "project_id" {
  description = "The Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id: the id, not the name or the number; `gcloud projects list` shows it."
  }
}

variable "public_url" {
  description = "Where people reach web when a domain is mapped to it; null is Cloud Run's own address."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null || can(regex("^https://[^/]+$", var.public_url))
    error_message = "public_url: https:// and a host, without a slash at the end."
  }
}

variable "region" {
  description = "Where everything runs."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region: such as europe-west1; not a zone."
  }
}

variable "subnet_range" {
  description = "Addresses of the Cloud Run instances in our network."
  type        = string
  default     = "10.8.0.0/24"

  validation {
    condition     = can(cidrhost(var.subnet_range, 0)) && try(tonumber(split("/", var.subnet_range)[1]) <= 26, false)
    error_message = "subnet_range: an IPv4 range of /26 or wider."
  }
}

variable "sweep_schedule" {
  description = "When the sweep runs, as cron. A job that was not heard waits at most this long."
  type        = string
  default     = "* * * * *"

  validation {
    condition     = length(split(" ", var.sweep_schedule)) == 5
    error_message = "sweep_schedule: five fields, as in * * * * *."
  }
}

variable "upload_retention_days" {
  description = "Days after which uploaded sources are deleted."
  type        = number
  default     = 7

  validation {
    condition     = var.upload_retention_days >= 1
    error_message = "upload_retention_days: 1 or more."
  }
}

variable "web_concurrency" {
  description = "Requests one web instance serves at a time. A client that follows progress holds one."
  type        = number
  default     = 80

  validation {
    condition     = var.web_concurrency >= 1 && var.web_concurrency <= 1000
    error_message = "web_concurrency: from 1 to 1000."
  }
}

variable "web_cpu" {
  description = "CPUs of one web instance."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2, 4], var.web_cpu)
    error_message = "web_cpu: 1, 2 or 4."
  }
}

variable "web_max_instances" {
  description = "Ceiling of web instances."
  type        = number
  default     = 5

  validation {
    condition     = var.web_max_instances >= 1 && var.web_max_instances <= 100
    error_message = "web_max_instances: from 1 to 100."
  }
}

variable "web_memory_mib" {
  description = "Memory of one web instance. A multipart upload passes through it in part."
  type        = number
  default     = 512

  # CPU that is always allocated wants 512 MiB or more.
  validation {
    condition     = var.web_memory_mib >= 512 && var.web_memory_mib <= 8192
    error_message = "web_memory_mib: from 512 to 8192."
  }
}

variable "web_min_instances" {
  description = "Web instances that are kept warm. 0 costs nothing at rest and makes the first caller wait."
  type        = number
  default     = 0

  validation {
    condition     = var.web_min_instances >= 0 && var.web_min_instances <= var.web_max_instances
    error_message = "web_min_instances: from 0 to web_max_instances."
  }
}

variable "web_public" {
  description = "Whether anybody may call web. It has logins of its own; false also demands a Google identity."
  type        = bool
  default     = true
}
