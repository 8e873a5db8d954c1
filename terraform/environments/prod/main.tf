# For production: a standby database, warm instances, alerts, a budget. Project, region and addresses are in terraform.tfvars
# (docs/deploy.md). To change anything else, change it here: ../../variables.tf describes every setting.

locals {
  labels = { app = "cutroom", environment = "prod" }
}

module "cutroom" {
  source = "../.."

  project_id = var.project_id
  region     = var.region
  labels     = local.labels
  public_url = var.public_url

  alert_email     = var.alert_email
  billing_account = var.billing_account
  budget_units    = var.budget_units

  batch_cpu           = 8
  batch_max_instances = 10
  batch_memory_gib    = 32
  batch_scratch_gib   = 20

  database_availability    = "REGIONAL"
  database_backups         = 30
  database_disk_gib        = 20
  database_max_connections = 400
  database_pool_max        = 8
  database_tier            = "db-custom-2-7680"

  deletion_protection = true

  # More than a new project has. Ask for it before the first apply (docs/deploy.md, step 3).
  quota_cpu        = 100
  quota_memory_gib = 330

  web_max_instances = 10
  web_min_instances = 1
  web_public        = var.web_public
}
