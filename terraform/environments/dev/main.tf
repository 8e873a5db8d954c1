# The smallest size: about 10 dollars a month when idle, almost all of it for the database. Project and region are in
# terraform.tfvars (docs/deploy.md). To change anything else, change it here: ../../variables.tf describes every setting.

locals {
  labels = { app = "cutroom", environment = "dev" }
}

module "cutroom" {
  source = "../.."

  project_id = var.project_id
  region     = var.region
  labels     = local.labels

  batch_cpu           = 2
  batch_max_instances = 1
  batch_memory_gib    = 8
  batch_scratch_gib   = 4

  database_max_connections = 50
  database_pool_max        = 5
  database_tier            = "db-f1-micro"

  deletion_protection   = false
  output_retention_days = 3
  upload_retention_days = 1

  web_max_instances = 1
  web_public        = var.web_public
}
